package desk

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"strconv"

	"github.com/bep/imagemeta"
	"golang.org/x/sync/semaphore"
)

// Limits of images. What an image says of itself is judged before a pixel of it
// is decoded, so that a bomb costs nothing.
const (
	mostPixels   = 50_000_000
	mostSide     = 30_000
	mostScans    = 64        // of a JPEG; cameras and editors write about ten
	mostDecoded  = 200 << 20 // bytes of one image's pixels
	decodeMemory = 256 << 20 // bytes of all images being decoded at once
	mostWritten  = 14 << 20  // bytes of the image written anew; the database takes 16 MB
)

// pictures writes images anew: what comes out holds the pixels, the right way
// up, and nothing else that came with them.
type pictures struct{ memory *semaphore.Weighted }

func newPictures() *pictures { return &pictures{semaphore.NewWeighted(decodeMemory)} }

// anew decodes an image and encodes it again. wrong is a refusal of the image;
// err is only that of a context that ended while others were at work.
func (p *pictures) anew(ctx context.Context, mediaType string, content []byte) (_ []byte, wrong *FieldError, err error) {
	read, readConfig := png.Decode, png.DecodeConfig
	if mediaType == typeJPEG {
		read, readConfig = jpeg.Decode, jpeg.DecodeConfig
		if bytes.Count(content, []byte{0xff, 0xda}) > mostScans {
			return nil, brokenImage(), nil
		}
	}
	config, err := readConfig(bytes.NewReader(content))
	if err != nil {
		return nil, brokenImage(), nil
	}
	size, ok := decodedSize(config)
	if !ok {
		return nil, hugeImage(), nil
	}
	if err := p.memory.Acquire(ctx, min(2*size, decodeMemory)); err != nil {
		return nil, nil, err
	}
	defer p.memory.Release(min(2*size, decodeMemory))
	picture, err := read(bytes.NewReader(content))
	if err != nil {
		return nil, brokenImage(), nil
	}
	out := written(mediaType, upright(picture, orientation(mediaType, content)))
	if out == nil {
		return nil, &FieldError{Field: InputFiles, Code: CodeFileTooLarge, Facts: facts("max_mb", strconv.Itoa(MaxFileBytes>>20))}, nil
	}
	return out, nil, nil
}

func brokenImage() *FieldError { return &FieldError{Field: InputFiles, Code: CodeImageBroken} }

func hugeImage() *FieldError {
	return &FieldError{Field: InputFiles, Code: CodeImageTooLarge, Facts: facts("megapixels", strconv.Itoa(mostPixels/1_000_000))}
}

// decodedSize is how many bytes the image takes decoded, and whether that may be.
func decodedSize(c image.Config) (int64, bool) {
	if c.Width <= 0 || c.Height <= 0 || c.Width > mostSide || c.Height > mostSide {
		return 0, false
	}
	pixels, each := int64(c.Width)*int64(c.Height), int64(4)
	if c.ColorModel == color.NRGBA64Model || c.ColorModel == color.RGBA64Model {
		each = 8
	}
	return pixels * each, pixels <= mostPixels && pixels*each <= mostDecoded
}

// written is the image as a file, or nil if it can't be made small enough. A
// JPEG's quality gives way before the image does.
func written(mediaType string, picture image.Image) []byte {
	if mediaType == typePNG {
		var out bytes.Buffer
		if err := png.Encode(&out, picture); err != nil || out.Len() > mostWritten {
			return nil
		}
		return out.Bytes()
	}
	for _, quality := range []int{90, 80, 65} {
		var out bytes.Buffer
		if err := jpeg.Encode(&out, picture, &jpeg.Options{Quality: quality}); err == nil && out.Len() <= mostWritten {
			return out.Bytes()
		}
	}
	return nil
}

// orientation is how a camera held the picture, from 1 (upright) to 8 (Exif,
// tag 0x0112). What can't be read is upright.
func orientation(mediaType string, content []byte) int {
	format := imagemeta.PNG
	if mediaType == typeJPEG {
		format = imagemeta.JPEG
	}
	held := 1
	_, _ = imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(content), ImageFormat: format, Sources: imagemeta.EXIF,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool { return t.Namespace == "IFD0" && t.Tag == "Orientation" },
		HandleTag: func(t imagemeta.TagInfo) error {
			if n, ok := whole(t.Value); ok && n >= 1 && n <= 8 {
				held = n
			}
			return imagemeta.ErrStopWalking
		},
	})
	return held
}

func whole(v any) (int, bool) {
	switch n := v.(type) {
	case uint16:
		return int(n), true
	case uint32:
		return int(n), n <= math.MaxInt32
	case uint8:
		return int(n), true
	case int:
		return n, true
	}
	return 0, false
}

// upright turns and mirrors a picture as its orientation says.
func upright(picture image.Image, orientation int) image.Image {
	if orientation <= 1 {
		return picture
	}
	b := picture.Bounds()
	w, h := b.Dx(), b.Dy()
	from := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(from, from.Bounds(), picture, b.Min, draw.Src)
	size := image.Rect(0, 0, w, h)
	if orientation >= 5 { // the sides change places
		size = image.Rect(0, 0, h, w)
	}
	to := image.NewRGBA(size)
	for y := range h {
		for x := range w {
			tx, ty := turned(orientation, x, y, w, h)
			i, j := from.PixOffset(x, y), to.PixOffset(tx, ty)
			copy(to.Pix[j:j+4], from.Pix[i:i+4])
		}
	}
	return to
}

// turned is where the pixel at x, y of a picture of w by h belongs.
func turned(orientation, x, y, w, h int) (int, int) {
	switch orientation {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return h - 1 - y, x
	case 7:
		return h - 1 - y, w - 1 - x
	case 8:
		return y, w - 1 - x
	}
	return x, y
}
