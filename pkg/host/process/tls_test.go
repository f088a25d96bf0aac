package process

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
)

// authority signs certificates for 127.0.0.1.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t}
	a.key = a.newKey()
	der := a.sign(&x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, nil, a.key)
	var err error
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.file = a.write("CERTIFICATE", der)
	return a
}

func (a *authority) newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	return key
}

func (a *authority) sign(c, parent *x509.Certificate, key *ecdsa.PrivateKey) []byte {
	c.SerialNumber, c.Subject = big.NewInt(1), pkix.Name{CommonName: "test"}
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	if parent == nil {
		parent = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	return der
}

func (a *authority) write(kind string, der []byte) string {
	file := filepath.Join(a.t.TempDir(), "file.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		a.t.Fatal(err)
	}
	return file
}

// identity is a program's own certificate, and this authority to know others by.
func (a *authority) identity() TLS {
	key := a.newKey()
	cert := a.sign(&x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}, a.cert, key)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	return TLS{Cert: a.write("CERTIFICATE", cert), Key: a.write("PRIVATE KEY", der), CA: a.file}
}

func TestMutualTLS(t *testing.T) {
	house, stranger := newAuthority(t), newAuthority(t)
	secure, err := house.identity().Server()
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.Creds(secure))
	healthv1.RegisterHealthServer(server, health.NewServer())
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed by Stop
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }() // ends with Stop
	t.Cleanup(server.Stop)
	for name, c := range map[string]struct {
		client TLS
		let    bool
	}{
		"ours":                     {house.identity(), true},
		"plain text":               {TLS{}, false},
		"no certificate":           {TLS{CA: house.file}, false},
		"a stranger's":             {TLS{Cert: stranger.identity().Cert, Key: "", CA: house.file}, false},
		"does not know the server": {stranger.identity(), false},
	} {
		t.Run(name, func(t *testing.T) {
			err := check(t, l.Addr().String(), c.client)
			if (err == nil) != c.let {
				t.Errorf("%v", err)
			}
		})
	}
}

func check(t *testing.T, target string, with TLS) error {
	t.Helper()
	creds, err := with.Client()
	if err != nil {
		return err
	}
	if creds == nil {
		creds = insecure.NewCredentials()
	}
	conn, err := grpc.NewClient(target, grpc.WithTransportCredentials(creds))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, err = healthv1.NewHealthClient(conn).Check(ctx, &healthv1.HealthCheckRequest{})
	return err
}
