// Package mail sends mails: through an SMTP server, or into a folder where there is none. What people have written (names, titles)
// cannot become a header: it is cleaned and encoded here, whatever the caller did before.
package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/config"
)

// Config says how mails leave.
type Config struct {
	SMTP   config.Secret `name:"smtp" help:"Mail server: smtp://USER:PASSWORD@HOST:587 (STARTTLS, required unless the host is this machine) or smtps://USER:PASSWORD@HOST:465 (TLS); mails are files in the mail folder when empty."`
	From   string        `help:"Sender of mails, such as maillage <ne-pas-repondre@maillage.example>; needed with a mail server."`
	Rate   int           `help:"Mails a second at most, of one process: what providers take, and what leaves the database to those who register." default:"40"`
	Folder string        `help:"Folder that receives the mails, as .eml, when there is no mail server." type:"path"`
}

// Message is a mail to one person.
type Message struct {
	ID       string // with the sender's domain it is the Message-ID: the same mail sent twice can be recognised
	To       Address
	Subject  string
	Text     string // the mail as plain text
	HTML     string // the same as HTML
	Language string // of both, e.g. "fr"
	Date     time.Time
	// Unsubscribe is the address at which one click ends such mails (RFC 8058); none when empty.
	Unsubscribe string
	Calendars   []Calendar
}

// Address is who receives a mail.
type Address struct{ Name, Email string }

// Calendar is an iCalendar object as a mail's attachment.
type Calendar struct {
	Method  string // of the object: REQUEST, CANCEL
	Content []byte
}

// Sender hands mails over. When Send returns nil the mail has been accepted, and is sent or kept; after an error it may have been.
type Sender interface {
	Send(ctx context.Context, m Message) error
	// From is the address that mails come from.
	From() Address
}

// defaultFrom is good enough for files.
const defaultFrom = "maillage <ne-pas-repondre@maillage.example>"

// Open checks the configuration; it does not call the server. Without one, the log says at the first mail where mails go.
func Open(cfg Config, log *slog.Logger) (Sender, error) {
	url := cfg.SMTP.Reveal()
	switch {
	case url == "" && cfg.Folder == "":
		return nil, errors.New("mails need a mail server (--mail-smtp) or a folder (--mail-folder)")
	case url != "" && cfg.From == "":
		return nil, errors.New("--mail-from: a mail server wants to know the sender")
	case cfg.From == "":
		cfg.From = defaultFrom
	}
	parsed, err := mail.ParseAddress(cfg.From)
	if err != nil {
		return nil, fmt.Errorf("--mail-from: %w", err)
	}
	from := Address{Name: Line(parsed.Name), Email: parsed.Address}
	if !Deliverable(from.Email) {
		return nil, errors.New("--mail-from: want an address such as ne-pas-repondre@maillage.example")
	}
	if url == "" {
		return openFolder(cfg.Folder, from, log)
	}
	return openServer(url, from)
}

// Deliverable tells whether a text is an address that SMTP servers accept everywhere: one address, in ASCII, without a name.
func Deliverable(email string) bool {
	const longest = 254 // RFC 5321, 4.5.3.1.3, without the brackets
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || parsed.Name != "" || len(email) > longest {
		return false
	}
	local, domain, _ := strings.Cut(email, "@")
	plain := func(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) }
	return plain(email) && !strings.ContainsAny(local, `"(),:;<>@[\]`) && strings.Trim(domain, ".") == domain && !strings.ContainsAny(domain, `"(),:;<>@[\]`)
}

// domain is what stands behind the "@".
func (a Address) domain() string {
	_, domain, _ := strings.Cut(a.Email, "@")
	return domain
}

// ErrRefused says that the server will never take a mail for this address: no such mailbox.
var ErrRefused = errors.New("the address was refused")
