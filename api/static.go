package api

import (
	"net/http"
	"path"
	"strings"

	"github.com/gin-gonic/gin"
)

// static serves the stylesheet, scripts and icons. An address that carries the
// digest of the file is good for ever.
func (s *server) static(c *gin.Context) {
	name := strings.TrimPrefix(path.Clean(c.Param("file")), "/")
	version := s.Templates.AssetVersion(name)
	if version == "" {
		s.fault(c, http.StatusNotFound)
		return
	}
	h := c.Writer.Header()
	h.Set("ETag", `"`+version+`"`)
	h.Set("Cache-Control", "no-cache")
	if c.Query("v") == version {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	c.FileFromFS(name, s.assetDir)
}
