package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// timeout bounds each step of a dialogue; a job's lease is longer than a dialogue.
const timeout = 15 * time.Second

// server hands each mail over on a connection of its own: what one receiver's server refuses is nobody else's trouble, and between
// the server's "250" and the mark that the mail was sent lies nothing but the way back.
type server struct {
	client *gomail.Client
	from   Address
}

var errURL = errors.New("--mail-smtp: want smtp://USER:PASSWORD@HOST:587 or smtps://USER:PASSWORD@HOST:465") // never the text: it may hold a password

func openServer(text string, from Address) (*server, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Path != "" && u.Path != "/" {
		return nil, errURL
	}
	options := []gomail.Option{gomail.WithTimeout(timeout), gomail.WithHELO(from.domain()), gomail.WithoutNoop(), gomail.WithoutRset()}
	switch {
	case u.Scheme == "smtps":
		options = append(options, gomail.WithSSL(), gomail.WithPort(465))
	case loopback(u.Hostname()):
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic), gomail.WithPort(25))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory), gomail.WithPort(587))
	}
	if u.Port() != "" {
		port, err := strconv.Atoi(u.Port())
		if err != nil {
			return nil, errURL
		}
		options = append(options, gomail.WithPort(port))
	}
	if u.User != nil {
		password, _ := u.User.Password()
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	client, err := gomail.NewClient(u.Hostname(), options...)
	if err != nil {
		return nil, errURL
	}
	return &server{client, from}, nil
}

func loopback(host string) bool { return host == "localhost" || net.ParseIP(host).IsLoopback() }

// From implements Sender.
func (s *server) From() Address { return s.from }

// Send implements Sender.
func (s *server) Send(ctx context.Context, m Message) error {
	composed, err := compose(m, s.from)
	if err != nil {
		return err
	}
	conn, err := s.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fmt.Errorf("mail server: %w", err)
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	err = s.client.SendWithSMTPClient(conn, composed)
	// The goodbye is not waited for: the longer the way from the "250" to our mark, the more mails a crash would send twice.
	go func() { _ = s.client.CloseWithSMTPClient(conn) }()
	if composed.IsDelivered() {
		return nil
	}
	return verdict(err)
}

// verdict tells an address that does not exist from a server that has trouble, or trouble with us: that may heal.
func verdict(err error) error {
	refusal, ok := errors.AsType[*gomail.SendError](err)
	if ok && refusal.Reason == gomail.ErrSMTPRcptTo && refusal.ErrorCode() >= 500 {
		return fmt.Errorf("%w: code %d", ErrRefused, refusal.ErrorCode()) // the server's words may hold the address
	}
	if ok {
		return fmt.Errorf("mail server: step %d, code %d", refusal.Reason, refusal.ErrorCode())
	}
	return fmt.Errorf("mail server: %w", err)
}
