package domain

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/classcode/maillage/pkg/errs"
)

// MeetingMode is how people take part in a meeting; the numbers are the contract's.
type MeetingMode int

// The ways to take part.
const (
	MeetingInPerson MeetingMode = iota + 1
	MeetingRemote
	MeetingHybrid
)

// longestTitle is in characters, the contract's.
const longestTitle = 200

// What a mode or a title may be refused for.
var (
	ErrRemoteURL = errs.New(errs.Invalid, "REMOTE_URL_INVALID",
		"The link to join from afar is a whole address that begins with https://.",
		"Le lien pour participer à distance est une adresse complète qui commence par https://.")
	ErrRemoteURLMissing = errs.New(errs.Precondition, "REMOTE_URL_MISSING",
		"People may join this meeting from afar, but its link is missing; add it first.",
		"Ce temps de rencontre est ouvert à distance, mais son lien manque ; ajoutez-le d'abord.")
	ErrTitle = errs.New(errs.Invalid, "TITLE_INVALID",
		"A title is one line of 1 to 200 characters.",
		"Un titre est une seule ligne de 1 à 200 caractères.")
)

// atPlace reports whether people come to a place.
func (m MeetingMode) atPlace() bool { return m != MeetingRemote }

// fromAfar reports whether people join through a link.
func (m MeetingMode) fromAfar() bool { return m == MeetingRemote || m == MeetingHybrid }

// seats reports whether a meeting of this mode has such seats.
func (m MeetingMode) seats(s SeatMode) bool {
	if s == Remote {
		return m.fromAfar()
	}
	return m.atPlace()
}

// usual is the seats with which a meeting of this mode opens.
func (m MeetingMode) usual() SeatMode {
	if m.atPlace() {
		return InPerson
	}
	return Remote
}

// joinable refuses a meeting to which people would not know how to come.
func (m Meeting) joinable(path string) error {
	switch {
	case m.Mode.atPlace() && m.PlaceID == "":
		return ErrPlaceMissing.At(path)
	case m.Mode.fromAfar() && m.RemoteURL == "":
		return ErrRemoteURLMissing.At(path)
	}
	return nil
}

func checkRemoteURL(address, path string) error {
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	// Whoever reads "https://name@host" believes to go to name.
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || strings.ContainsFunc(address, unicode.IsSpace) {
		return ErrRemoteURL.At(path)
	}
	return nil
}

// title is a title without blanks around it; it becomes a mail's subject, so it is one line.
func title(text, path string) (string, error) {
	text = strings.TrimSpace(text)
	broken := func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }
	if text == "" || utf8.RuneCountInString(text) > longestTitle || strings.ContainsFunc(text, broken) {
		return "", ErrTitle.At(path)
	}
	return text, nil
}
