package desk

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// corner is a picture that is red in its upper left quarter and blue elsewhere.
func corner(w, h int) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, color.NRGBA{B: 255, A: 255})
			if x < w/2 && y < h/2 {
				m.Set(x, y, color.NRGBA{R: 255, A: 255})
			}
		}
	}
	return m
}

func asJPEG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, m, nil))
	return b.Bytes()
}

func asPNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	return b.Bytes()
}

// marker is found in an image only if what a camera noted is still in it.
const marker = "31.2304N-121.4737E"

// exif is what a camera notes: how it was held, and where.
func exif(orientation uint16) []byte {
	var b bytes.Buffer
	put := func(v ...any) {
		for _, x := range v {
			_ = binary.Write(&b, binary.BigEndian, x)
		}
	}
	put([]byte("MM\x00*"), uint32(8), uint16(2))
	put(uint16(0x0112), uint16(3), uint32(1), orientation, uint16(0)) // Orientation
	put(uint16(0x8825), uint16(4), uint32(1), uint32(38), uint32(0))  // GPS, and no further directory
	put(uint16(1), uint16(0x001b), uint16(2), uint32(len(marker)), uint32(56), uint32(0))
	put([]byte(marker))
	return b.Bytes()
}

func withEXIF(content []byte, orientation uint16) []byte {
	note := append([]byte("Exif\x00\x00"), exif(orientation)...)
	head := []byte{0xff, 0xe1, 0, 0}
	binary.BigEndian.PutUint16(head[2:], uint16(len(note)+2))
	return bytes.Join([][]byte{content[:2], head, note, content[2:]}, nil)
}

// chunk is a piece of a PNG.
func chunk(kind string, data []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	out = append(append(out, kind...), data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// claims makes a PNG say that it is larger than it is.
func claims(content []byte, w, h uint32) []byte {
	head := append([]byte(nil), content[16:29]...)
	binary.BigEndian.PutUint32(head, w)
	binary.BigEndian.PutUint32(head[4:], h)
	return bytes.Join([][]byte{content[:8], chunk("IHDR", head), content[33:]}, nil)
}

func take(t *testing.T, name string, content []byte) (File, string) {
	t.Helper()
	f, wrong, err := New(Config{}).TakeFile(t.Context(), name, content)
	require.NoError(t, err)
	if wrong != nil {
		assert.Equal(t, InputFiles, wrong.Field)
		assert.Empty(t, f.Content)
		return f, wrong.Code
	}
	return f, ""
}

func TestOnlyWhatIsWhatItSaysIsTaken(t *testing.T) {
	picture, photo := asPNG(t, corner(8, 8)), asJPEG(t, corner(8, 8))
	scans := bytes.Replace(photo, []byte{0xff, 0xd9}, bytes.Repeat([]byte{0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0}, 100), 1)
	for name, c := range map[string]struct {
		content []byte
		code    string
	}{
		"SVG":                       {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), CodeFileType},
		"SVG behind an XML head":    {[]byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`), CodeFileType},
		"HTML":                      {[]byte("<!doctype html><script>alert(1)</script>"), CodeFileType},
		"ZIP":                       {[]byte("PK\x03\x04" + strings.Repeat("\x00", 60)), CodeFileType},
		"GIF":                       {[]byte("GIF89a" + strings.Repeat("\x00", 20)), CodeFileType},
		"GIF in front of a JPEG":    {append([]byte("GIF89a/*"), photo...), CodeFileType},
		"HTML in front of a PNG":    {append([]byte("<html>"), picture...), CodeFileType},
		"PDF behind other bytes":    {[]byte("MZ\x90\x00" + strings.Repeat(" ", 100) + "%PDF-1.7\n"), CodeFileType},
		"PDF behind a line break":   {[]byte("\n%PDF-1.7\n%%EOF"), CodeFileType},
		"nothing":                   {nil, CodeFileEmpty},
		"a byte too many":           {append([]byte("%PDF-1.7\n"), make([]byte, MaxFileBytes)...), CodeFileTooLarge},
		"a PNG cut short":           {picture[:len(picture)-20], CodeImageBroken},
		"a JPEG cut short":          {photo[:len(photo)/2], CodeImageBroken},
		"only the signature":        {picture[:8], CodeImageBroken},
		"60000 by 60000":            {claims(picture, 60000, 60000), CodeImageTooLarge},
		"a strip of 2^31-1 by 1":    {claims(picture, 1<<31-1, 1), CodeImageTooLarge},
		"51 megapixels":             {claims(picture, 10200, 5000), CodeImageTooLarge},
		"no pixels":                 {claims(picture, 0, 8), CodeImageBroken},
		"a JPEG of a hundred scans": {scans, CodeImageBroken},
	} {
		t.Run(name, func(t *testing.T) {
			_, code := take(t, "a.png", c.content)
			assert.Equal(t, c.code, code)
		})
	}
}

func TestABombIsRefusedBeforeItIsDecoded(t *testing.T) {
	bomb := claims(asPNG(t, corner(8, 8)), 29000, 29000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 50 {
		_, code := take(t, "a.png", bomb)
		require.Equal(t, CodeImageTooLarge, code)
	}
	runtime.ReadMemStats(&after)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(50<<20), "one decoded would be 3 GB")
}

func TestDecodingWaitsItsTurnAndNoLongerThanItsSender(t *testing.T) {
	d := New(Config{})
	require.NoError(t, d.pictures.memory.Acquire(t.Context(), decodeMemory)) // others are at work
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	picture := asPNG(t, corner(8, 8))
	_, wrong, err := d.TakeFile(ctx, "a.png", picture)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Nil(t, wrong)
	d.pictures.memory.Release(decodeMemory)
	_, wrong, err = d.TakeFile(t.Context(), "a.png", picture)
	assert.NoError(t, err)
	assert.Nil(t, wrong)
}

func TestWhatACameraNotedAndWhatTrailsIsGone(t *testing.T) {
	photo := withEXIF(asJPEG(t, corner(16, 8)), 1)
	require.Contains(t, string(photo), marker)
	const page = "<html><script>alert(1)</script></html>"
	picture := asPNG(t, corner(16, 8))
	inside := bytes.Join([][]byte{picture[:33], chunk("tEXt", []byte("Comment\x00"+page)), chunk("eXIf", exif(1)), picture[33:]}, nil)
	for name, content := range map[string][]byte{
		"photo": photo, "photo with a page behind it": append(bytes.Clone(photo), page...), "photo with a GIF behind it": append(bytes.Clone(photo), "GIF89a"...),
		"photo with an archive behind it": append(bytes.Clone(photo), "PK\x05\x06"...),
		"PNG with a page in it":           inside, "PNG with a page behind it": append(bytes.Clone(picture), page...),
	} {
		t.Run(name, func(t *testing.T) {
			f, code := take(t, name, content)
			require.Empty(t, code)
			for _, gone := range []string{marker, "Exif", "eXIf", page, "GIF89a", "PK\x05\x06"} {
				assert.NotContains(t, string(f.Content), gone)
			}
			m, _, err := image.Decode(bytes.NewReader(f.Content))
			require.NoError(t, err)
			assert.Equal(t, image.Pt(16, 8), m.Bounds().Size())
		})
	}
}

func TestAPictureStaysTheWayItWasHeld(t *testing.T) {
	// Where the red corner of the stored picture belongs, by orientation.
	upper, lower, left, right := 0, 1, 0, 1
	for orientation, want := range map[uint16]struct{ x, y int }{
		1: {left, upper}, 2: {right, upper}, 3: {right, lower}, 4: {left, lower},
		5: {left, upper}, 6: {right, upper}, 7: {right, lower}, 8: {left, lower},
	} {
		f, code := take(t, "a.jpg", withEXIF(asJPEG(t, corner(64, 32)), orientation))
		require.Empty(t, code)
		m, err := jpeg.Decode(bytes.NewReader(f.Content))
		require.NoError(t, err)
		size := m.Bounds().Size()
		assert.Equal(t, orientation >= 5, size.Y > size.X, "orientation %d", orientation)
		for x := range 2 {
			for y := range 2 {
				r, _, b, _ := m.At(size.X/4+x*size.X/2, size.Y/4+y*size.Y/2).RGBA()
				assert.Equal(t, x == want.x && y == want.y, r > b, "orientation %d at %d, %d", orientation, x, y)
			}
		}
	}
}

func TestANameEndsAsItsContent(t *testing.T) {
	picture := asPNG(t, corner(4, 4))
	for name, want := range map[string]string{
		"Ausweis.hta": "Ausweis.hta.png", "证件.PNG": "证件.PNG", "a.jpg": "a.jpg.png", "": "file.png",
		"../../etc/passwd": "passwd.png", `C:\a\b.png`: "b.png", "a.png.exe": "a.png.exe.png", "a\r\nb.png": "a b.png",
	} {
		f, code := take(t, name, picture)
		require.Empty(t, code)
		assert.Equal(t, want, f.Name)
	}
	assert.Equal(t, "a.JPEG", FileName("a.JPEG", "image/jpeg"))
	assert.Equal(t, "a.html.pdf", FileName("a.html", "application/pdf"))
	assert.Equal(t, "a.svg.bin", FileName("a.svg", "image/svg+xml"), "of a type that is not taken any more")
}

func TestGreyDeepAndPalettedPicturesStayPictures(t *testing.T) {
	grey, deep := image.NewGray(image.Rect(0, 0, 8, 8)), image.NewNRGBA64(image.Rect(0, 0, 8, 8))
	for _, content := range [][]byte{asJPEG(t, grey), asPNG(t, grey), asPNG(t, deep), asPNG(t, image.NewPaletted(image.Rect(0, 0, 8, 8), color.Palette{color.Black, color.White}))} {
		_, code := take(t, "a", content)
		assert.Empty(t, code)
	}
}
