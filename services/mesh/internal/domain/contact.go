package domain

import (
	"context"
	"errors"
	"net/mail"
	"strings"
	"time"
	"unicode"

	"github.com/classcode/maillage/pkg/errs"
)

// Contact is how a person is called and reached; nobody but the mesh keeps it.
type Contact struct {
	PersonID   string
	Name       string // empty when unknown
	Email      string // empty when unknown
	Language   string // "fr" or "en"
	Edited     bool   // by the person: the sign-in changes it no more
	Version    int64  // 0 when nothing is known
	UpdateTime time.Time
}

// ContactReads finds contacts.
type ContactReads interface {
	// Contact is a person's, without name, address and version when nothing is known.
	Contact(ctx context.Context, personID string) (Contact, error)
	// Contacts are those of the persons of whom something is known, by person.
	Contacts(ctx context.Context, personIDs []string) ([]Contact, error)
	// PersonsAt are those whose contact has this address, in capitals or not; as many as SharedAddress at most.
	PersonsAt(ctx context.Context, email string) (personIDs []string, err error)
}

// ContactWrites changes contacts.
type ContactWrites interface {
	// SaveContact refuses when someone else has saved the version before.
	SaveContact(ctx context.Context, c Contact) error
}

// SharedAddress is how many persons of one address are written to at once: colleagues share one, and whoever gives many accounts the address
// of somebody else fills no letter box with it.
const SharedAddress = 5

const (
	french  = "fr"
	english = "en"
	// The contract's lengths, in characters.
	longestName  = 200
	longestEmail = 254
)

// What a contact may be refused for.
var (
	ErrContactName = errs.New(errs.Invalid, "CONTACT_NAME_INVALID",
		"A name is one line of text, without control characters and without marks that turn the direction of writing.",
		"Un nom est une ligne de texte, sans caractères de contrôle ni marques qui retournent le sens de l'écriture.")
	ErrContactEmail = errs.New(errs.Invalid, "CONTACT_EMAIL_INVALID",
		"This is not an e-mail address such as anne@example.org; addresses are written without accents.",
		"Ce n'est pas une adresse électronique comme anne@example.org ; les adresses s'écrivent sans accents.")
)

// NewContact is what is known of a person before anything is.
func NewContact(personID string) Contact { return Contact{PersonID: personID, Language: french} }

// Told is the contact with what a sign-in says of the person: what it does not say, or says in a form that cannot be used, stays.
func (c Contact) Told(name, email, language string) Contact {
	if c.Edited {
		return c
	}
	if name = strings.Join(strings.Fields(strings.Map(printable, strings.ToValidUTF8(name, ""))), " "); name != "" {
		short := []rune(name)
		c.Name = strings.TrimSpace(string(short[:min(len(short), longestName)]))
	}
	if goodEmail(email) {
		c.Email = email
	}
	if language != "" {
		c.Language = spoken(language)
	}
	return c
}

// spoken is the language among ours: French for whoever reads another one.
func spoken(tag string) string {
	if language, _, _ := strings.Cut(strings.ToLower(tag), "-"); language == english || strings.HasPrefix(language, "en_") {
		return english
	}
	return french
}

// HearContact keeps what a sign-in says of a person.
func HearContact(ctx context.Context, tx Tx, personID, name, email, language string, now time.Time) error {
	known, err := tx.Contact(ctx, personID)
	if err != nil {
		return err
	}
	told := known.Told(name, email, language)
	if told == known {
		return nil
	}
	told.Version, told.UpdateTime = known.Version+1, now
	return tx.SaveContact(ctx, told)
}

// UpdateContact changes the masked fields of a person's contact; an empty mask is all of them.
func UpdateContact(ctx context.Context, tx Tx, c, change Contact, mask []string, now time.Time) (Contact, error) {
	next, err := c.with(change, mask)
	if err != nil {
		return Contact{}, err
	}
	if err := errors.Join(checkName(next.Name), checkEmail(next.Email)); err != nil {
		return Contact{}, err
	}
	next.Edited = true
	if next == c {
		return c, nil
	}
	next.Version, next.UpdateTime = c.Version+1, now
	return next, tx.SaveContact(ctx, next)
}

func (c Contact) with(change Contact, mask []string) (Contact, error) {
	if len(mask) == 0 || len(mask) == 1 && mask[0] == "*" {
		mask = []string{"name", "email", "language_code"}
	}
	for _, path := range mask {
		switch path {
		case "name":
			c.Name = strings.TrimSpace(change.Name)
		case "email":
			c.Email = change.Email
		case "language_code":
			if c.Language = change.Language; c.Language == "" {
				c.Language = french
			}
		case "etag": // a PATCH over HTTP without a mask gets one from its body, this included
		default:
			return c, errs.ErrMask.At("update_mask").With("path", path)
		}
	}
	return c, nil
}

func checkName(name string) error {
	if strings.Map(printable, name) != name {
		return ErrContactName.At("contact.name")
	}
	return nil
}

func checkEmail(email string) error {
	if email != "" && !goodEmail(email) {
		return ErrContactEmail.At("contact.email")
	}
	return nil
}

// goodEmail keeps to what every mail server takes: an address alone, in ASCII.
func goodEmail(email string) bool {
	parsed, err := mail.ParseAddress(email)
	plain := func(r rune) bool { return r > ' ' && r <= '~' && !strings.ContainsRune(`"(),:;<>[\]`, r) }
	return err == nil && parsed.Address == email && len(email) <= longestEmail && strings.IndexFunc(email, func(r rune) bool { return !plain(r) }) < 0
}

// printable turns what is no visible character into a space, and drops what only turns the direction of writing.
func printable(r rune) rune {
	switch {
	case unicode.Is(unicode.Bidi_Control, r), r == '\uFEFF', r == unicode.ReplacementChar:
		return -1
	case unicode.IsControl(r), r != ' ' && unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f':
		return ' '
	}
	return r
}
