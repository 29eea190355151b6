package api

import (
	"github.com/gin-gonic/gin"
	"golang.org/x/text/language"

	"rightsdesk/ticket"
)

const (
	languageCookie = "lang"
	languageKey    = "locale"
	aYear          = 365 * 24 * 60 * 60
)

// spoken picks among the languages of the product, in the order of
// ticket.Locales(): the first is the one for everybody else.
var spoken = language.NewMatcher([]language.Tag{language.SimplifiedChinese, language.English})

// localised finds the language of the answer: what the address asks for, which
// is kept; else what was kept; else what the browser prefers.
func (s *server) localised(c *gin.Context) {
	l, asked := ticket.ParseOne(c.Query("lang"), ticket.Locales())
	if asked {
		s.keepLocale(c, l)
	} else if kept, ok := ticket.ParseOne(s.cookie(c, languageCookie), ticket.Locales()); ok {
		c.Set(languageKey, kept)
	} else {
		c.Set(languageKey, preferred(c.GetHeader("Accept-Language")))
	}
	c.Next()
}

// keepLocale makes l the language of this answer and of those to come.
func (s *server) keepLocale(c *gin.Context, l ticket.Locale) {
	c.Set(languageKey, l)
	s.setCookie(c, languageCookie, string(l), aYear)
}

// locale is the language of the answer.
func locale(c *gin.Context) ticket.Locale {
	if l, ok := c.Get(languageKey); ok {
		return l.(ticket.Locale)
	}
	return ticket.Chinese
}

func preferred(accept string) ticket.Locale {
	if len(accept) > 500 {
		accept = ""
	}
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return ticket.Chinese
	}
	_, i, _ := spoken.Match(tags...)
	return ticket.Locales()[i]
}
