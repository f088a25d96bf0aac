package main

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/classcode/maillage/deploy/standalone/season"
)

const (
	verifyPath = "/v1/attestations:verify"
	// verifying is how many ask at once.
	verifying = 16
)

// signed measures the two forms of an attestation, written, signed and serialised on one core, against one bare signature of as many bytes. What
// signs is inside the meetings' service, so its own benchmark is run.
func (b *bench) signed(ctx context.Context) ([]Row, error) {
	root, err := workspace()
	if err != nil {
		return nil, err
	}
	program := filepath.Join(b.folder, "credential.test")
	build := exec.CommandContext(ctx, "go", "test", "-c", "-o", program, "./internal/credential")
	build.Dir, build.Env = filepath.Join(root, "services", "meetings"), append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the benchmark: %w: %s", err, out)
	}
	row := Row{Name: "attestations.signed", Unit: "/s", InFlight: 1, Against: "Ed25519 alone, the same bytes"}
	err = b.alternate(ctx, &row, benchmark(program, "BenchmarkSign/both_forms"), benchmark(program, "BenchmarkSign/Ed25519_alone"))
	return []Row{row}, err
}

var perOperation = regexp.MustCompile(`\s([0-9.]+) ns/op`)

// benchmark is a side: a Go benchmark on one core.
func benchmark(program, name string) side {
	return func(ctx context.Context, d time.Duration) (float64, error) {
		run := exec.CommandContext(ctx, program, "-test.run", "^$", "-test.bench", "^"+strings.ReplaceAll(name, "/", "$/^")+"$", "-test.cpu", "1", "-test.benchtime", d.String())
		out, err := run.CombinedOutput()
		if err != nil {
			return 0, fmt.Errorf("%s: %w: %s", name, err, out)
		}
		found := perOperation.FindSubmatch(out)
		if found == nil {
			return 0, fmt.Errorf("%s: no figure in %s", name, out)
		}
		ns, err := strconv.ParseFloat(string(found[1]), 64)
		return float64(time.Second) / ns, err
	}
}

// verified measures verdicts on an attestation of a small season, against the standard library that only looks at the signature.
func (b *bench) verified(ctx context.Context) (rows []Row, err error) {
	i, err := b.start(ctx, "")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, i.close()) }()
	credential, err := i.attested(ctx)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(map[string]string{"credential": credential})
	if err != nil {
		return nil, err
	}
	var keys struct{ Keys []struct{ X string } }
	if err := i.ask(ctx, http.MethodGet, "/.well-known/jwks.json", "", nil, &keys); err != nil {
		return nil, err
	}
	key, err := base64.RawURLEncoding.DecodeString(keys.Keys[0].X)
	if err != nil {
		return nil, err
	}
	theirs, stop, err := serve(plain(signatureOnly(key)))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	ours := i.app.HTTP.Addr().String()
	row := Row{Name: "verify.http", Unit: "/s", InFlight: verifying, Against: "net/http, encoding/json, the signature alone"}
	err = b.alternate(ctx, &row, asking(ours, postRequest(ours, verifyPath, body), verifying), asking(theirs, postRequest(theirs, verifyPath, body), verifying))
	return []Row{row}, err
}

// attested plays a small season and returns one of its attestations.
func (i *instance) attested(ctx context.Context) (string, error) {
	path := filepath.Join(i.data, "season.json")
	if err := season.Run(ctx, season.Config{URL: i.base, Learners: 150, Territory: "REG-84", Seed: 1, Output: path}, io.Discard); err != nil {
		return "", fmt.Errorf("season: %w", err)
	}
	text, err := os.ReadFile(path) //nolint:gosec // written just now
	if err != nil {
		return "", err
	}
	var report season.Report
	if err := json.Unmarshal(text, &report); err != nil {
		return "", err
	}
	for _, g := range report.Groups {
		for _, m := range g.Meetings {
			for _, credential := range m.Credentials {
				return credential, nil
			}
		}
	}
	return "", errors.New("a season without an attestation")
}

// signatureOnly is the least that a verification may do.
func signatureOnly(key ed25519.PublicKey) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Credential string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		dot := max(0, strings.LastIndexByte(in.Credential, '.'))
		signature, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(in.Credential[dot:], "."))
		valid := err == nil && ed25519.Verify(key, []byte(in.Credential[:dot]), signature)
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]bool{"valid": valid})
	}
}
