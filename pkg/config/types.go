package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"
)

const hidden = "***"

// Secret is a value that is never printed. Its flag --x has a sister --x-file, and its variable X a sister X_FILE.
type Secret string

// Reveal gives the secret itself; the name makes each use easy to find.
func (s Secret) Reveal() string { return string(s) }

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return strconv.Quote(s.String()) }

// MarshalText hides the secret from JSON and from every other encoder of text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue hides the secret from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

func (Secret) fromFile() {}

// DSN says where a database is: sqlite:PATH or postgres://…; like a Secret it may come from a file, and it prints
// without its password.
type DSN string

var errDSN = errors.New("want sqlite:PATH or postgres://USER@HOST/DATABASE")

// UnmarshalText refuses what is no DSN; what is inside it is pkg/database's affair.
func (d *DSN) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	switch scheme, rest, ok := strings.Cut(s, ":"); {
	case !ok || rest == "":
		return errDSN // never repeats its input: that may hold a password
	case scheme == "postgres" || scheme == "postgresql":
		if u, err := url.Parse(s); err != nil || u.Opaque != "" || strings.Trim(u.Path, "/") == "" {
			return errDSN
		}
	case scheme != "sqlite":
		return errDSN
	}
	*d = DSN(s)
	return nil
}

// Reveal gives the DSN with its password, for the driver.
func (d DSN) Reveal() string { return string(d) }

// String is the DSN without its password.
func (d DSN) String() string {
	if strings.HasPrefix(string(d), "sqlite:") {
		return string(d)
	}
	u, err := url.Parse(string(d))
	if d == "" || err != nil {
		return Secret(d).String()
	}
	// libpq reads user and password from the query too.
	if q := u.Query(); q.Has("password") || q.Has("sslpassword") {
		u.RawQuery = ""
	}
	return u.Redacted()
}

// GoString is String, for %#v.
func (d DSN) GoString() string { return strconv.Quote(d.String()) }

// MarshalText is String, for encoders.
func (d DSN) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// LogValue is String, for slog.
func (d DSN) LogValue() slog.Value { return slog.StringValue(d.String()) }

func (DSN) fromFile() {}

// Address is where to listen: HOST:PORT, where an empty host means every interface.
type Address string

// UnmarshalText refuses what is not HOST:PORT with a port number.
func (a *Address) UnmarshalText(text []byte) error {
	_, port, err := net.SplitHostPort(string(text))
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("want HOST:PORT, such as localhost:8080, but got %q", text)
	}
	*a = Address(text)
	return nil
}

// Addresses is whom to call: HOST:PORT, or those of several replicas separated by commas.
type Addresses string

// UnmarshalText refuses a list in which one is not HOST:PORT.
func (a *Addresses) UnmarshalText(text []byte) error {
	for each := range strings.SplitSeq(string(text), ",") {
		var one Address
		if err := one.UnmarshalText([]byte(each)); err != nil {
			return err
		}
	}
	*a = Addresses(text)
	return nil
}

// Loopback reports whether only this machine can reach the address.
func (a Address) Loopback() bool {
	host, _, err := net.SplitHostPort(string(a))
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
