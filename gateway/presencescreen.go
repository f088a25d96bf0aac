package gateway

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"rsc.io/qr"

	"github.com/classcode/maillage/pkg/prose"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

const (
	// The page is drawn anew by a script of ours, which asks for the same page; without script the browser asks by itself.
	screenPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-ancestors 'none'; " +
		"base-uri 'none'; form-action 'none'"
	// quiet is the white that a QR code needs around it, in modules.
	quiet = 4
)

var screenTemplate = template.Must(template.ParseFS(pageFiles, "pages/screen.html"))

// screenView is what a room sees: the code, or why there is none.
type screenView struct {
	Web     webFiles
	Lang    tongue
	Heading string
	Texts   []string
	Code    string // in two halves; empty without
	QR      qrView
	Count   string
	Lost    string // said when the page can no longer be renewed
}

// qrView is a QR code as a path.
type qrView struct {
	Size  int
	Path  string
	Label string
}

func openScreen(m *meetingsv1.Meeting, shown *meetingsv1.CheckInCode, lang tongue) screenView {
	v := screenView{
		Lang: lang, Heading: title(m), Code: shown.GetCode(),
		Texts: []string{lang.say("Scan the QR code, or open the link \"Say that I am there, on the day\" of your mail and type:",
			"Scannez le code QR, ou ouvrez le lien « Dire que je suis là, le jour même » de votre courriel et tapez :")},
		Count: lang.say("Nobody is noted as present yet.", "Aucune présence n'est encore notée."),
	}
	if half := len(v.Code) / 2; half > 0 {
		v.Code = v.Code[:half] + prose.Space + v.Code[half:]
	}
	switch n := shown.GetPresentCount(); {
	case n == 1:
		v.Count = lang.say("1 person is noted as present.", "1 personne est notée présente.")
	case n > 1:
		v.Count = lang.say(fmt.Sprintf("%d persons are noted as present.", n), fmt.Sprintf("%d personnes sont notées présentes.", n))
	}
	if code, err := qr.Encode(shown.GetUri(), qr.M); err == nil { // an address that is too long leaves the digits
		v.QR = drawQR(code)
		v.QR.Label = lang.say("QR code that leads to the page on which one checks in", "Code QR qui mène à la page où l'on dit qu'on est là")
	}
	return v
}

// drawQR is the code's dark modules, row by row in runs.
func drawQR(code *qr.Code) qrView {
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
			}
		}
	}
	return qrView{Size: code.Size + 2*quiet, Path: path.String()}
}

// closedScreen says why there is no code, and of a meeting to come when there will be one.
func (p *presence) closedScreen(seen *meetingsv1.LinkPreview, lang tongue) screenView {
	why, m := closedCheckIn(seen, lang), seen.GetMeeting()
	v := screenView{Lang: lang, Heading: why.Heading, Texts: why.Texts}
	if seen.GetRefusal().GetReason() == "CHECK_IN_CLOSED" {
		v.Texts = append(v.Texts, title(m)+lang.say(": ", " : ")+lang.time(m.GetStartTime(), m.GetTimeZone())+".",
			lang.say("This page shows the code by itself once it is time.", "Cette page affichera le code d'elle-même, l'heure venue."))
	}
	return v
}

func (p *presence) showScreen(w http.ResponseWriter, code int, v screenView) {
	v.Web = p.web
	v.Lost = v.Lang.say("The connection is lost: this code may no longer count.", "La connexion est perdue : ce code ne vaut peut-être plus.")
	var page bytes.Buffer
	if err := screenTemplate.Execute(&page, v); err != nil {
		panic(err) // the template is ours, and embedded
	}
	h := w.Header()
	h.Set("Content-Security-Policy", screenPolicy)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(v.Lang))
	h.Add("Vary", "Accept-Language")
	h.Set("X-Robots-Tag", "noindex")
	w.WriteHeader(code)
	_, _ = w.Write(page.Bytes()) // only a caller who has left makes this fail
}
