package api

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/pquerna/otp"

	"rightsdesk/store"
	"rightsdesk/templates"
)

// enrolView is the page by which an app is given the secret.
type enrolView struct {
	templates.Frame
	Secret string // in groups of four
	Member string
}

// enrolling is the secret that is being enrolled. It lies in the session, sealed
// like all of it, until a code has proved that the app has it.
func (k *console) enrolling(c *gin.Context) (*otp.Key, error) {
	ctx := c.Request.Context()
	if kept := k.sessions.GetString(ctx, sessionKey); kept != "" {
		return otp.NewKeyFromURL(kept)
	}
	key, err := newFactor(k.Templates.Operator().NameIn(locale(c)), memberOf(c).ID)
	if err == nil {
		k.sessions.Put(ctx, sessionKey, key.URL())
	}
	return key, err
}

func (k *console) enrolForm(c *gin.Context) { k.showEnrol(c, http.StatusOK) }

func (k *console) showEnrol(c *gin.Context, status int, problems ...templates.Problem) {
	key, err := k.enrolling(c)
	if err != nil {
		k.failed(c, err)
		return
	}
	f := k.frame(c, "console.enrol.title")
	f.Problems = problems
	k.page(c, status, "console/enrol", enrolView{Frame: f, Secret: inGroups(key.Secret()), Member: string(memberOf(c).ID)})
}

func inGroups(s string) string {
	var groups []string
	for len(s) > 4 {
		groups, s = append(groups, s[:4]), s[4:]
	}
	return strings.Join(append(groups, s), " ")
}

// enrolPicture is the secret as a picture for the camera of a phone. It comes
// from here, like everything on the page.
func (k *console) enrolPicture(c *gin.Context) {
	key, err := k.enrolling(c)
	if err != nil {
		k.failed(c, err)
		return
	}
	const side, quiet = 240, 12
	code, err := key.Image(side, side)
	if err != nil {
		k.failed(c, err)
		return
	}
	framed := image.NewGray(image.Rect(0, 0, side+2*quiet, side+2*quiet))
	draw.Draw(framed, framed.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(framed, code.Bounds().Add(image.Pt(quiet, quiet)), code, code.Bounds().Min, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, framed); err != nil {
		k.failed(c, err)
		return
	}
	c.Data(http.StatusOK, "image/png", b.Bytes())
}

// enrol takes the secret on once a code shows that the app has it, and gives the
// recovery codes, this once.
func (k *console) enrol(c *gin.Context) {
	ctx, member := c.Request.Context(), memberOf(c)
	key, err := k.enrolling(c)
	if err != nil {
		k.failed(c, err)
		return
	}
	step, ok := stepOf(key.Secret(), typedCode(c.PostForm("code")), k.Now())
	if !ok {
		k.showEnrol(c, http.StatusUnprocessableEntity, templates.Problem{Field: "code", Text: k.say(c, "console.enrol.wrong")})
		return
	}
	codes := newRecoveryCodes()
	err = k.Store.EnrolFactor(ctx, member.ID, key.Secret(), step, codes, k.Now(),
		store.StaffEvent{At: k.Now(), Actor: member.ID, Act: store.StaffFactorSet})
	if err != nil { // ErrExists: enrolled elsewhere meanwhile; the page asked for again leads on
		k.failed(c, err)
		return
	}
	next := k.sessions.GetString(ctx, sessionNext)
	if err := k.enter(c, member, k.countedAs(c, member.ID)); err != nil {
		k.failed(c, err)
		return
	}
	k.showCodes(c, http.StatusOK, recoveryView{Codes: codes, Next: afterSignIn(next, member.Role), First: true})
}
