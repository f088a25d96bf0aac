// Package papertest reads back what was printed, with other people's programs: poppler for the text and its boxes, zbarimg for QR codes.
package papertest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/classcode/maillage/services/meetings/internal/paper"
)

// Word is a word on a page, and its box in millimetres.
type Word struct {
	Text                     string
	Left, Top, Right, Bottom float64
}

// Words are those that pdftotext finds on each page.
func Words(t testing.TB, document []byte) [][]Word {
	t.Helper()
	var page struct {
		Pages []struct {
			Words []struct {
				XMin float64 `xml:"xMin,attr"`
				YMin float64 `xml:"yMin,attr"`
				XMax float64 `xml:"xMax,attr"`
				YMax float64 `xml:"yMax,attr"`
				Text string  `xml:",chardata"`
			} `xml:"word"`
		} `xml:"body>doc>page"`
	}
	if err := xml.Unmarshal([]byte(Text(t, document, "-bbox")), &page); err != nil {
		t.Fatal(err)
	}
	const point = 25.4 / 72
	out := make([][]Word, len(page.Pages))
	for i, p := range page.Pages {
		for _, w := range p.Words {
			out[i] = append(out[i], Word{w.Text, w.XMin * point, w.YMin * point, w.XMax * point, w.YMax * point})
		}
	}
	return out
}

// Inside fails where a word leaves the margins of its page, and returns the pages' words.
func Inside(t testing.TB, document []byte) [][]Word {
	t.Helper()
	const slack = 0.7 // millimetres: what readers add on the sides of a glyph
	pages := Words(t, document)
	for number, page := range pages {
		for _, w := range page {
			if w.Left < paper.Margin-slack || w.Right > paper.PageWidth-paper.Margin+slack || w.Top < 8 || w.Bottom > paper.PageHeight-6 {
				t.Errorf("page %d: %q runs off: %+v", number+1, w.Text, w)
			}
		}
	}
	return pages
}

// Text is what pdftotext reads.
func Text(t testing.TB, document []byte, flags ...string) string {
	t.Helper()
	cmd := exec.Command("pdftotext", append(flags, "-", "-")...)
	cmd.Stdin = bytes.NewReader(document)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("pdftotext (scripts/bootstrap poppler): %v", err)
	}
	return string(out)
}

// Codes are what a reader of QR codes reads on pictures of the pages.
func Codes(t testing.TB, document []byte) []string {
	t.Helper()
	folder := t.TempDir()
	file := filepath.Join(folder, "document.pdf")
	if err := os.WriteFile(file, document, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("pdftoppm", "-r", "150", "-gray", "-png", file, filepath.Join(folder, "page")).CombinedOutput(); err != nil {
		t.Fatalf("pdftoppm: %v: %s", err, out)
	}
	pictures, err := filepath.Glob(filepath.Join(folder, "*.png"))
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("zbarimg", append([]string{"--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"}, pictures...)...).Output()
	const nothingOnSomePage = 4
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || exit.ExitCode() != nothingOnSomePage) {
		t.Fatalf("zbarimg (scripts/bootstrap zbar): %v", err)
	}
	return strings.Fields(string(out))
}
