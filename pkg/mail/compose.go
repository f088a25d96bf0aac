package mail

import (
	"bytes"
	"fmt"
	"net/mail"

	gomail "github.com/wneessen/go-mail"
)

// compose makes the mail as it travels: plain text, then HTML, then the calendars as attachments.
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
	for i, c := range m.Calendars {
		name := "invitation.ics"
		if i > 0 {
			name = fmt.Sprintf("invitation-%d.ics", i+1)
		}
		kind := gomail.ContentType("text/calendar; charset=utf-8; method=" + c.Method)
		if err := out.AttachReader(name, bytes.NewReader(c.Content), gomail.WithFileContentType(kind)); err != nil {
			return nil, err
		}
	}
	return out, nil
}
