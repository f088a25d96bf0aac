package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/classcode/maillage/deploy/standalone/app"
	"github.com/classcode/maillage/pkg/config"
	"github.com/classcode/maillage/pkg/log"
)

// many is how many calls at once set a row up.
const many = 32

// instance is the whole program in this process, with the development login, on ports of its own.
type instance struct {
	app  *app.App
	base string // where its door is
	data string
	http *http.Client
	logs *os.File
	end  context.CancelFunc
	done chan error
}

// start runs the program on an empty folder; an empty dsn is SQLite. Close it.
func (b *bench) start(ctx context.Context, dsn string) (*instance, error) {
	data, err := os.MkdirTemp(b.folder, "data-")
	if err != nil {
		return nil, err
	}
	// In a file and at the default level, as in production: a line for each HTTP request is a part of its cost.
	logs, err := os.Create(filepath.Join(data, "program.log"))
	if err != nil {
		return nil, err
	}
	const port = config.Address("127.0.0.1:0")
	a, err := app.New(ctx, app.Config{
		Data: data, HTTP: port, GRPC: port, Admin: port, DatabaseDSN: config.DSN(dsn), DevLogin: true,
		CredentialIssuer: "urn:maillage:bench",
	}, log.New(logs, slog.LevelInfo, log.JSON), func(string, int, int) {})
	if err != nil {
		return nil, errors.Join(err, logs.Close())
	}
	ctx, end := context.WithCancel(ctx)
	i := &instance{app: a, data: data, logs: logs, end: end, done: make(chan error, 1), http: &http.Client{
		Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: many},
	}}
	go func() { i.done <- a.Run(ctx) }()
	select {
	case <-a.Ready:
		i.base = "http://" + a.HTTP.Addr().String()
		say("  the program is ready; profiles at http://%s/debug/pprof/", a.Admin.Addr())
		return i, nil
	case err := <-i.done:
		i.done <- nil // for close
		return nil, errors.Join(errors.New("the program ended before it was ready"), err, i.close())
	}
}

func (i *instance) close() error {
	i.end()
	err := <-i.done
	i.app.Close()
	i.http.CloseIdleConnections()
	return errors.Join(err, i.logs.Close())
}

func (i *instance) url(path string) string { return i.base + path }

// people gives the tokens of n persons of a persona, whom nobody has met before.
func (i *instance) people(ctx context.Context, persona string, n int) ([]string, error) {
	tokens := make([]string, n)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(many)
	for k := range tokens {
		group.Go(func() error {
			query := url.Values{"persona": {persona}, "subject": {persona + "-" + strconv.Itoa(k)}}
			var answer struct{ AccessToken string }
			err := i.ask(ctx, http.MethodGet, "/dev/token?"+query.Encode(), "", nil, &answer)
			tokens[k] = answer.AccessToken
			return err
		})
	}
	return tokens, group.Wait()
}

// ask makes one call through the door; out may be nil.
func (i *instance) ask(ctx context.Context, method, path, token string, in, out any) error {
	request, err := newRequest(ctx, method, i.url(path), in)
	if err != nil {
		return err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := i.http.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return refusal(method+" "+request.URL.Path, answer)
	}
	if out == nil {
		out = &struct{}{}
	}
	if err := json.NewDecoder(answer.Body).Decode(out); err != nil {
		return fmt.Errorf("%s %s: %w", method, request.URL.Path, err)
	}
	return nil
}
