package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

func newRequest(ctx context.Context, method, url string, in any) (*http.Request, error) {
	if in == nil {
		return http.NewRequestWithContext(ctx, method, url, nil)
	}
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err == nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, err
}

func refusal(what string, answer *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 500))
	return fmt.Errorf("%s: %s: %s", what, answer.Status, text)
}

// serve answers on a port of its own until stop.
func serve(server *http.Server) (address string, stop func() error, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	return l.Addr().String(), func() error {
		err := server.Close()
		if e := <-ended; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
		return err
	}, nil
}

// plain is what anyone writes with the standard library alone.
func plain(handler http.HandlerFunc) *http.Server {
	return &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
}

// getter asks for the same page again and again over one connection. http.Client would take as much of the processor as the
// server that is measured, and so hide half of any difference.
type getter struct {
	conn    net.Conn
	reader  *bufio.Reader
	request []byte
}

func newGetter(ctx context.Context, address, path string) (*getter, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &getter{conn, bufio.NewReaderSize(conn, 64<<10), fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, address)}, nil
}

// get copies the answer to where it is wanted.
func (g *getter) get(to io.Writer) error {
	if err := g.conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	if _, err := g.conn.Write(g.request); err != nil {
		return err
	}
	answer, err := http.ReadResponse(g.reader, nil)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return refusal("GET", answer)
	}
	_, err = io.Copy(to, answer.Body)
	return err
}

// getting is a side: all connections ask for the same page.
func getting(address, path string, connections int) side {
	return func(ctx context.Context, d time.Duration) (float64, error) {
		all := make([]*getter, connections)
		for i := range all {
			g, err := newGetter(ctx, address, path)
			if err != nil {
				return 0, err
			}
			defer func() { _ = g.conn.Close() }()
			all[i] = g
		}
		return drive(ctx, connections, d, func(_ context.Context, worker int) error { return all[worker].get(io.Discard) }).strict()
	}
}

// fetch reads a page.
func fetch(ctx context.Context, address, path string) ([]byte, error) {
	g, err := newGetter(ctx, address, path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = g.conn.Close() }()
	var body bytes.Buffer
	if err := g.get(&body); err != nil {
		return nil, err
	}
	say("  %s%s: %d bytes", address, path, body.Len())
	return body.Bytes(), nil
}

// fetchInto reads a page into out, and refuses what out has no field for.
func fetchInto(ctx context.Context, address, path string, out any) error {
	body, err := fetch(ctx, address, path)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	return decoder.Decode(out)
}
