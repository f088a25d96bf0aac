package process

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"google.golang.org/grpc/credentials"
)

// TLS is how a program shows who it is to the others, and knows them. Empty, it speaks in plain text.
type TLS struct {
	Cert string `help:"Certificate of this program (PEM), for those who call it and those it calls; plain text when empty." type:"path"`
	Key  string `help:"Private key of that certificate (PEM)." type:"path"`
	CA   string `help:"Authorities (PEM) that must have signed the certificates of callers and of called services; empty: callers need none, services one that the system trusts." type:"path"`
}

// Server is what a gRPC server listens with: nil, for plain text, without a certificate.
func (t TLS) Server() (credentials.TransportCredentials, error) {
	if t.CA != "" && t.Cert == "" {
		return nil, errors.New("--tls-ca asks callers for a certificate: give --tls-cert and --tls-key too")
	}
	cfg, err := t.config()
	if cfg == nil || err != nil {
		return nil, err
	}
	if cfg.ClientCAs = cfg.RootCAs; cfg.ClientCAs != nil {
		cfg.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return credentials.NewTLS(cfg), nil
}

// Client is what other services are called with: nil, for plain text, when nothing is configured.
func (t TLS) Client() (credentials.TransportCredentials, error) {
	cfg, err := t.config()
	if cfg == nil || err != nil {
		return nil, err
	}
	return credentials.NewTLS(cfg), nil
}

func (t TLS) config() (*tls.Config, error) {
	if t == (TLS{}) {
		return nil, nil
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS13}
	if t.Cert != "" || t.Key != "" {
		pair, err := Certificate("tls", t.Cert, t.Key)
		if err != nil {
			return nil, err
		}
		cfg.Certificates = []tls.Certificate{pair}
	}
	if t.CA == "" {
		return cfg, nil
	}
	pem, err := os.ReadFile(t.CA)
	if err != nil {
		return nil, fmt.Errorf("--tls-ca: %w", err)
	}
	cfg.RootCAs = x509.NewCertPool()
	if !cfg.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("--tls-ca: %s holds no certificate (PEM)", t.CA)
	}
	return cfg, nil
}

// Certificate reads the pair that the flags --<prefix>-cert and --<prefix>-key name; its errors name the flag.
func Certificate(prefix, cert, key string) (tls.Certificate, error) {
	if cert == "" || key == "" {
		return tls.Certificate{}, fmt.Errorf("--%s-cert and --%s-key go together", prefix, prefix)
	}
	for _, f := range []struct{ flag, path string }{{"cert", cert}, {"key", key}} {
		if _, err := os.ReadFile(f.path); err != nil {
			return tls.Certificate{}, fmt.Errorf("--%s-%s: %w", prefix, f.flag, err)
		}
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return pair, fmt.Errorf("--%s-cert %s, --%s-key %s: %w", prefix, cert, prefix, key, err)
	}
	return pair, nil
}
