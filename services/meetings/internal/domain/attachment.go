package domain

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/classcode/maillage/pkg/errs"
)

// Attachment is a picture, a document or a text that shows an incident.
type Attachment struct {
	ID          string
	IncidentID  string
	Name        string
	ContentType string
	Size        int    // in bytes
	SHA256      string // of the content, in hexadecimal
	Content     []byte // nil in lists
	CreateTime  time.Time
}

// The types of attachments.
const (
	jpegType = "image/jpeg"
	pngType  = "image/png"
	pdfType  = "application/pdf"
	textType = "text/plain"
)

// What an attachment may be refused for.
var (
	ErrAttachmentNotFound = errs.Missing("attachment", "pièce jointe")
	ErrAttachmentsFull    = errs.New(errs.Precondition, "ATTACHMENTS_FULL",
		"An incident has five attachments at most.",
		"Un incident a cinq pièces jointes au plus.")
	ErrAttachmentType = errs.New(errs.Invalid, "ATTACHMENT_TYPE",
		"The bytes are not what they are called: send a whole JPEG, PNG, PDF or plain text in UTF-8, under its own type.",
		"Le contenu n'est pas ce qu'il prétend être : envoyez un fichier JPEG, PNG, PDF ou texte UTF-8 entier, sous son propre type.")
)

// NewAttachment checks the bytes against their type and keeps of them, and of the name, only what is needed.
func NewAttachment(name, contentType string, content []byte) (Attachment, error) {
	if len(content) == 0 {
		return Attachment{}, errs.ErrRequired.At("attachment.content")
	}
	kept, ok := keep(contentType, content)
	if !ok {
		return Attachment{}, ErrAttachmentType.At("attachment.content")
	}
	sum := sha256.Sum256(kept)
	return Attachment{
		Name: fileName(name, contentType), ContentType: contentType, Size: len(kept), SHA256: hex.EncodeToString(sum[:]), Content: kept,
	}, nil
}

// keep is what is kept of a file of a type, or false when it is not one. Nothing is unpacked: what is small stays small.
func keep(contentType string, content []byte) ([]byte, bool) {
	switch contentType {
	case jpegType:
		return stripJPEG(content)
	case pngType:
		return stripPNG(content)
	case pdfType:
		return content, isPDF(content)
	case textType:
		return content, isText(content)
	}
	return nil, false
}

// isPDF wants the head at the very beginning, where nothing else can begin, and the mark of the end in the last kilobyte.
func isPDF(content []byte) bool {
	return bytes.HasPrefix(content, []byte("%PDF-")) && bytes.Contains(content[max(0, len(content)-1024):], []byte("%%EOF"))
}

func isText(content []byte) bool {
	return utf8.Valid(content) && bytes.IndexFunc(content, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t'
	}) < 0
}

var endings = map[string][]string{
	jpegType: {".jpg", ".jpeg"}, pngType: {".png"}, pdfType: {".pdf"}, textType: {".txt"},
}

const longestName = 100 // characters, without the ending

// fileName is a name under which the file can be kept anywhere: no folders, no character that hides or turns others, no name that a
// system keeps for itself, and the ending of what the file is.
func fileName(name, contentType string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		switch {
		case !unicode.IsGraphic(r), unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsSpace(r):
			return ' '
		case strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		}
		return r
	}, name)
	ending := endings[contentType][0]
	for _, e := range endings[contentType] {
		if n := len(name) - len(e); n >= 0 && strings.EqualFold(name[n:], e) {
			name, ending = name[:n], e
			break
		}
	}
	name = strings.Trim(name, " .")
	if runes := []rune(name); len(runes) > longestName {
		name = strings.TrimRight(string(runes[:longestName]), " .")
	}
	switch {
	case name == "":
		name = "piece-jointe"
	case reserved(name):
		name = "_" + name
	}
	return name + ending
}

// reserved reports whether Windows would take the name for a device.
func reserved(name string) bool {
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	switch stem {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(stem) == 4 && (strings.HasPrefix(stem, "COM") || strings.HasPrefix(stem, "LPT")) && stem[3] >= '0' && stem[3] <= '9'
}
