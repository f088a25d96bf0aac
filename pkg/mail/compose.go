package mail

import (
	"bytes"
	"fmt"
	"net/mail"

	gomail "github.com/wneessen/go-mail"
)

// compose makes the mail as it travels: plain text, then HTML, then the calendar as an attachment.
func compose(m Message, from Address) (*gomail.Msg, error) {
	if m.ID == "" || !Deliverable(m.To.Email) {
		return nil, fmt.Errorf("mail %q: %w: not an address", m.ID, ErrRefused)
	}
	out := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	out.FromMailAddress(&mail.Address{Name: from.Name, Address: from.Email})
	out.ToMailAddress(&mail.Address{Name: Line(m.To.Name), Address: m.To.Email})
	out.Subject(Line(m.Subject))
	out.SetMessageIDWithValue(m.ID + "@" + from.domain())
	out.SetDateWithValue(m.Date)
	out.SetGenHeader("Auto-Submitted", "auto-generated") // no vacation note answers it
	if m.Language != "" {
		out.SetGenHeader("Content-Language", Line(m.Language))
	}
	if m.Unsubscribe != "" {
		out.SetGenHeader("List-Unsubscribe", "<"+Line(m.Unsubscribe)+">")
		out.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	out.SetBodyString(gomail.TypeTextPlain, m.Text)
	out.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	if m.Calendar == nil {
		return out, nil
	}
	kind := gomail.ContentType("text/calendar; charset=utf-8; method=" + m.Calendar.Method)
	return out, out.AttachReader("invitation.ics", bytes.NewReader(m.Calendar.Content), gomail.WithFileContentType(kind))
}
