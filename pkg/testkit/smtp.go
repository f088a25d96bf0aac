package testkit

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// MailServer is a real SMTP server on loopback that keeps what it accepts.
type MailServer struct {
	mu       sync.Mutex
	mails    []Mail
	refuse   func(to string) error
	accepted func(Mail)
	server   *smtp.Server
	address  string
}

// Mail is a mail as the server got it.
type Mail struct {
	From, To string // of the envelope
	Raw      []byte
}

// NewMailServer starts a server that stops when the test ends.
func NewMailServer(t testing.TB) *MailServer {
	t.Helper()
	s, err := StartMailServer()
	if err != nil {
		t.Fatalf("mail server: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// StartMailServer is NewMailServer for programs; Close stops it.
func StartMailServer() (*MailServer, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed by Close
	if err != nil {
		return nil, err
	}
	s := &MailServer{address: l.Addr().String()}
	s.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &delivery{server: s}, nil }))
	s.server.Domain, s.server.MaxMessageBytes, s.server.ErrorLog = "sink.test", 4<<20, silent{}
	s.server.ReadTimeout, s.server.WriteTimeout = time.Minute, time.Minute
	go func() { _ = s.server.Serve(l) }() // ends with Close
	return s, nil
}

// Close stops the server; what it has is kept.
func (s *MailServer) Close() { _ = s.server.Close() }

// URL is the server's address, as configuration has it.
func (s *MailServer) URL() string { return "smtp://" + s.address }

// Refuse lets the server answer some receivers with an error, such as an *smtp.SMTPError; nil accepts everyone.
func (s *MailServer) Refuse(when func(to string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = when
}

// OnAccepted is called when a mail is kept, before the sender hears of it.
func (s *MailServer) OnAccepted(f func(Mail)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accepted = f
}

// Mails are those accepted so far, in order.
func (s *MailServer) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

func (s *MailServer) keep(m Mail) {
	s.mu.Lock()
	s.mails = append(s.mails, m)
	hook := s.accepted
	s.mu.Unlock()
	if hook != nil {
		hook(m)
	}
}

// delivery is one dialogue.
type delivery struct {
	server *MailServer
	mail   Mail
}

// Reset implements smtp.Session.
func (d *delivery) Reset() { d.mail = Mail{} }

// Logout implements smtp.Session.
func (*delivery) Logout() error { return nil }

// Mail implements smtp.Session.
func (d *delivery) Mail(from string, _ *smtp.MailOptions) error {
	d.mail = Mail{From: from}
	return nil
}

// Rcpt implements smtp.Session.
func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	d.server.mu.Lock()
	refuse := d.server.refuse
	d.server.mu.Unlock()
	if refuse != nil {
		if err := refuse(to); err != nil {
			return err
		}
	}
	d.mail.To = to
	return nil
}

// Data implements smtp.Session.
func (d *delivery) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	d.mail.Raw = raw
	d.server.keep(d.mail)
	return nil
}

type silent struct{}

// Printf implements smtp.Logger.
func (silent) Printf(string, ...any) {}

// Println implements smtp.Logger.
func (silent) Println(...any) {}

// Letter is a mail as its receiver reads it.
type Letter struct {
	Header  mail.Header
	Subject string // decoded
	Parts   []Part // those that are no multipart, in order
}

// Part is a text or an attachment of a mail, decoded.
type Part struct {
	Type    string            // e.g. "text/plain"
	Params  map[string]string // of the type
	Content []byte
}

// ID is the mail's Message-ID, without its brackets.
func (m Mail) ID() string {
	parsed, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		return ""
	}
	return strings.Trim(parsed.Header.Get("Message-Id"), "<>")
}

// Read takes a mail apart.
func (m Mail) Read() (Letter, error) {
	parsed, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		return Letter{}, err
	}
	l := Letter{Header: parsed.Header}
	if l.Subject, err = new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject")); err != nil {
		return Letter{}, err
	}
	err = l.read(parsed.Header.Get("Content-Type"), parsed.Header.Get("Content-Transfer-Encoding"), parsed.Body)
	return l, err
}

func (l *Letter) read(kind, encoding string, body io.Reader) error {
	media, params, err := mime.ParseMediaType(kind)
	if err != nil {
		return fmt.Errorf("%q: %w", kind, err)
	}
	if !strings.HasPrefix(media, "multipart/") {
		switch strings.ToLower(encoding) {
		case "quoted-printable":
			body = quotedprintable.NewReader(body)
		case "base64":
			body = base64.NewDecoder(base64.StdEncoding, body)
		}
		content, err := io.ReadAll(body)
		l.Parts = append(l.Parts, Part{media, params, content})
		return err
	}
	for parts := multipart.NewReader(body, params["boundary"]); ; {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = l.read(part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part)
		}
		if err != nil {
			return err
		}
	}
}

// Part is the mail's first part of a type, as text; empty when there is none.
func (l Letter) Part(kind string) string {
	for _, p := range l.Parts {
		if p.Type == kind {
			return string(p.Content)
		}
	}
	return ""
}
