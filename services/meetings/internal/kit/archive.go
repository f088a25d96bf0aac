package kit

import (
	"archive/zip"
	"bytes"
	"fmt"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/classcode/maillage/pkg/mail"
	"github.com/classcode/maillage/pkg/prose"
	"github.com/classcode/maillage/services/meetings/internal/calendar"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/paper"
)

// ZIP is the whole kit, each part a file of its own.
func (k Kit) ZIP() ([]byte, error) {
	return k.archive(parts, map[string]func() ([]byte, error){
		"03-invitation.ics": k.entry, "06-reseau.txt": k.hostLines, "06-reseau.csv": k.hostTable,
	})
}

// PrescriberZIP is what a relay needs to recommend the meeting, each part a file of its own; it names nobody.
func (k Kit) PrescriberZIP() ([]byte, error) {
	k = k.unnamed()
	return k.archive(prescriberParts, map[string]func() ([]byte, error){"02-invitation.ics": k.entry})
}

func (k Kit) archive(parts []part, beside map[string]func() ([]byte, error)) ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, p := range parts {
		d := paper.New(paper.Settings{Title: p.title + " : " + k.title(), Language: "fr-FR", Made: k.Meeting.CreateTime})
		k.add(d, p)
		content, err := d.Bytes()
		if err != nil {
			return nil, err
		}
		if err := store(w, p.file+".pdf", content, k.Meeting.CreateTime); err != nil {
			return nil, err
		}
		for _, ending := range []string{".ics", ".txt", ".csv"} {
			write, ok := beside[p.file+ending]
			if !ok {
				continue
			}
			content, err := write()
			if err != nil {
				return nil, err
			}
			if err := store(w, p.file+ending, content, k.Meeting.CreateTime); err != nil {
				return nil, err
			}
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("close the archive: %w", err)
	}
	return out.Bytes(), nil
}

// store adds a file as it is: what is large is compressed already.
func store(w *zip.Writer, name string, content []byte, made time.Time) error {
	file, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: made.UTC()})
	if err == nil {
		_, err = file.Write(content)
	}
	if err != nil {
		return fmt.Errorf("archive %s: %w", name, err)
	}
	return nil
}

// entry is the invitation for a calendar: the same entry as in mails and feeds, without the link to join from afar.
func (k Kit) entry() ([]byte, error) {
	status := ics.ObjectStatusTentative
	if k.Meeting.State != domain.MeetingDraft && k.Meeting.State != domain.MeetingOpen {
		status = ics.ObjectStatusConfirmed
	}
	name := "Temps de rencontre" + prose.Space + ": " + mail.Line(k.title())
	return calendar.Feed{Name: name, Busy: true, Entries: []calendar.Entry{{
		Meeting: k.Meeting, Stamp: k.Meeting.CreateTime, Status: status, Summary: name, Location: mail.Line(k.where()), URL: k.page(),
	}}}.Bytes()
}

// hostLines is the list of hosts for a filter that takes one a line.
func (k Kit) hostLines() ([]byte, error) {
	var out bytes.Buffer
	if !k.told() {
		out.WriteString("# Ce que l'activité utilise n'est pas connu : demandez à la personne qui anime quels sites elle utilisera.\n")
	}
	for _, h := range k.Hosts {
		out.WriteString(h.Host + "\n")
	}
	return out.Bytes(), nil
}

// hostTable is the same for a spreadsheet, as French ones read it. A host begins with no sign of a formula: see domain.AllowList.
func (k Kit) hostTable() ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("\ufeffadresse;pour quoi faire\r\n")
	for _, h := range k.Hosts {
		fmt.Fprintf(&out, "%s;\"%s\"\r\n", h.Host, purpose(h))
	}
	return out.Bytes(), nil
}
