package domain

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/classcode/maillage/pkg/errs"
)

func picture() image.Image {
	img := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for i := range img.Pix {
		img.Pix[i] = byte(i * 7)
	}
	img.Set(3, 4, color.RGBA{R: 255, A: 255})
	return img
}

func encodedJPEG(t testing.TB) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture(), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encodedPNG(t testing.TB) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, picture()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func segment(marker byte, body string) string {
	return string([]byte{0xFF, marker, byte((len(body) + 2) >> 8), byte(len(body) + 2)}) + body
}

// photographed is a JPEG as a telephone makes it: with the place in its EXIF, held upright, and a second picture behind the first.
func photographed(t testing.TB) []byte {
	plain := string(encodedJPEG(t))
	tiff := "II*\x00\x08\x00\x00\x00" + "\x02\x00" +
		"\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00" + // orientation: turn right
		"\x25\x88\x04\x00\x01\x00\x00\x00\x26\x00\x00\x00" + // GPS
		"\x00\x00\x00\x00" + "GPS-47.2173-1.5534"
	return []byte(plain[:2] + segment(0xE0, "JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00") + segment(0xE1, exifHead+tiff) +
		segment(0xE1, "http://ns.adobe.com/xap/1.0/\x00GPS-xmp") + segment(0xE2, "ICC_PROFILE\x00profile") + segment(0xE2, "MPF\x00GPS-mpf") +
		segment(0xED, "Photoshop 3.0\x00GPS-iptc") + segment(0xFE, "GPS-comment") + "\xFF\xFF" + plain[2:] + "GPS-behind" + plain)
}

func TestJPEGStripped(t *testing.T) {
	a, err := NewAttachment("photo.jpeg", jpegType, photographed(t))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(a.Content, []byte("GPS")) {
		t.Fatalf("%q still tells the place", a.Content)
	}
	for _, kept := range []string{"JFIF\x00", "ICC_PROFILE\x00profile"} {
		if !bytes.Contains(a.Content, []byte(kept)) {
			t.Errorf("%q is lost", kept)
		}
	}
	exif := bytes.Index(a.Content, []byte(exifHead))
	if exif < 0 || exifOrientation(0xE1, a.Content[exif:]) != 6 {
		t.Error("the orientation is lost")
	}
	got, err := jpeg.Decode(bytes.NewReader(a.Content))
	if err != nil {
		t.Fatal(err)
	}
	want, _ := jpeg.Decode(bytes.NewReader(encodedJPEG(t)))
	same(t, got, want)
	if again, ok := stripJPEG(a.Content); !ok || !bytes.Equal(again, a.Content) {
		t.Error("stripping twice changes it again")
	}
	if a.Size != len(a.Content) || len(a.SHA256) != 64 || a.Name != "photo.jpeg" {
		t.Errorf("%+v", a.Name)
	}
}

func same(t *testing.T, got, want image.Image) {
	t.Helper()
	if got.Bounds() != want.Bounds() {
		t.Fatalf("%v; want %v", got.Bounds(), want.Bounds())
	}
	for x := range want.Bounds().Dx() {
		for y := range want.Bounds().Dy() {
			if got.At(x, y) != want.At(x, y) {
				t.Fatalf("pixel %d,%d differs", x, y)
			}
		}
	}
}

func chunk(kind, body string) string {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(out, kind+body...)
	return string(binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE([]byte(kind+body))))
}

func TestPNGStripped(t *testing.T) {
	plain := string(encodedPNG(t))
	const head = 8 + 25 // signature and IHDR
	talking := plain[:head] + chunk("tEXt", "Comment\x00GPS") + chunk("eXIf", "GPS") + chunk("zTXt", "GPS") + chunk("prVt", "GPS") + plain[head:] + "GPS behind"
	a, err := NewAttachment("écran", pngType, []byte(talking))
	if err != nil || bytes.Contains(a.Content, []byte("GPS")) || a.Name != "écran.png" || string(a.Content) != plain {
		t.Fatalf("%q, %v", a.Content, err)
	}
}

func zipped(t *testing.T) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("bomb")
	if err == nil {
		_, err = w.Write(make([]byte, 1<<20))
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAttachmentRefused(t *testing.T) {
	jpg, pngs, bomb := encodedJPEG(t), encodedPNG(t), zipped(t)
	huge := string(pngs[:8]) + chunk("IHDR", "\x00\x01\x86\xa0\x00\x01\x86\xa0\x08\x02\x00\x00\x00") + chunk("IDAT", "x") + chunk("IEND", "")
	broken := bytes.Clone(pngs)
	broken[20] ^= 1
	for name, c := range map[string]struct {
		contentType string
		content     []byte
	}{
		"zip as PNG":             {pngType, bomb},
		"zip as JPEG":            {jpegType, bomb},
		"zip as PDF":             {pdfType, bomb},
		"zip as text":            {textType, bomb},
		"JPEG as PNG":            {pngType, jpg},
		"PNG as JPEG":            {jpegType, pngs},
		"PNG as text":            {textType, pngs},
		"magic only, JPEG":       {jpegType, []byte("\xFF\xD8\xFF")},
		"nothing shown, JPEG":    {jpegType, []byte("\xFF\xD8\xFF\xD9")},
		"cut JPEG":               {jpegType, jpg[:len(jpg)/2]},
		"JPEG without end":       {jpegType, jpg[:len(jpg)-2]},
		"JPEG, length beyond":    {jpegType, []byte("\xFF\xD8\xFF\xE0\xFF\xFFxx")},
		"JPEG, length of 1":      {jpegType, []byte("\xFF\xD8\xFF\xE0\x00\x01xx")},
		"magic only, PNG":        {pngType, []byte(pngHead)},
		"cut PNG":                {pngType, pngs[:len(pngs)-5]},
		"PNG, wrong checksum":    {pngType, broken},
		"PNG without a picture":  {pngType, []byte(pngHead + string(pngs[8:33]) + chunk("IEND", ""))},
		"PNG, length beyond":     {pngType, []byte(pngHead + "\xFF\xFF\xFF\xFFIHDR....")},
		"PNG of ten gigapixels":  {pngType, []byte(huge)},
		"PDF after a program":    {pdfType, []byte("MZ\x90\x00%PDF-1.7\n%%EOF")},
		"cut PDF":                {pdfType, []byte("%PDF-1.7\n")},
		"text in Latin-1":        {textType, []byte("d\xe9j\xe0 vu")},
		"text with NUL":          {textType, []byte("a\x00b")},
		"text with escapes":      {textType, []byte("\x1b[2J")},
		"a type of its own":      {"image/svg+xml", []byte("<svg/>")},
		"a type without content": {"", []byte("x")},
	} {
		if _, err := NewAttachment("x", c.contentType, c.content); errs.From(err) == nil || errs.From(err).Reason != "ATTACHMENT_TYPE" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewAttachment("x", pngType, nil); errs.From(err) == nil || errs.From(err).Reason != "FIELD_REQUIRED" {
		t.Errorf("no byte: %v", err)
	}
	for contentType, content := range map[string]string{pdfType: "%PDF-1.7\n…\n%%EOF\n", textType: "Réseau coupé à 14 h 🙂\r\n\tمرحبا"} {
		if _, err := NewAttachment("x", contentType, []byte(content)); err != nil {
			t.Errorf("%s: %v", contentType, err)
		}
	}
}

func TestFileName(t *testing.T) {
	for name, want := range map[string]string{
		"photo.png": "photo.png", "PHOTO.PNG": "PHOTO.png", "photo.jpg": "photo.jpg.png", "photo": "photo.png", "": "piece-jointe.png",
		"../../etc/passwd": "passwd.png", `..\..\x.png`: "x.png", "/": "piece-jointe.png", "..": "piece-jointe.png", ".png": "piece-jointe.png",
		"CON": "_CON.png", "con.png": "_con.png", "nul.tar.png": "_nul.tar.png", "COM1": "_COM1.png", "COMB": "COMB.png", "LPT¹": "LPT¹.png",
		"a\x00b\r\nc.png": "abc.png", "gnp\u202efdp.png": "gnpfdp.png", "\u200f\u200b": "piece-jointe.png", "a:b|c?.png": "a_b_c_.png",
		"été.": "été.png", "\u3000été .png": "été.png", "🙂.png": "🙂.png", "صورة.png": "صورة.png", "a\tb.png": "ab.png", "=cmd|x.png": "=cmd_x.png",
		strings.Repeat("é", 200): strings.Repeat("é", 100) + ".png",
	} {
		if got := fileName(name, pngType); got != want {
			t.Errorf("%q: %q; want %q", name, got, want)
		}
	}
}

// Whatever the bytes are, nothing falls over, and what is kept is accepted again as it is.
func FuzzKeep(f *testing.F) {
	f.Add(photographed(f), "a.jpg")
	f.Add(encodedJPEG(f), "../x")
	f.Add(encodedPNG(f), "CON.png")
	f.Add([]byte("\xFF\xD8\xFF\xE1\x00\x10Exif\x00\x00MM\x00*\xFF\xFF\xFF\xFF\xFF\xD9"), "\u202e")
	f.Fuzz(func(t *testing.T, content []byte, name string) {
		for contentType := range endings {
			kept, ok := keep(contentType, content)
			if !ok {
				continue
			}
			again, ok := keep(contentType, kept)
			if !ok || !bytes.Equal(again, kept) {
				t.Fatalf("%s: %q kept of %q, then %q", contentType, kept, content, again)
			}
		}
		got := fileName(name, pngType)
		if strings.ContainsAny(got, "/\\\x00\r\n") || !strings.HasSuffix(got, ".png") || utf8.ValidString(name) && !utf8.ValidString(got) {
			t.Fatalf("%q: %q", name, got)
		}
	})
}
