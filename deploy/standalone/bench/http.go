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

// asker makes the same request again and again over one connection. http.Client would take as much of the processor as the
// server that is measured, and so hide half of any difference.
type asker struct {
	conn    net.Conn
	reader  *bufio.Reader
	request []byte
}

func newAsker(ctx context.Context, address string, request []byte) (*asker, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &asker{conn, bufio.NewReaderSize(conn, 64<<10), request}, nil
}

func getRequest(address, path string) []byte {
	return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, address)
}

func postRequest(address, path string, body []byte) []byte {
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, address, len(body), body)
}

// ask copies the answer to where it is wanted.
func (a *asker) ask(to io.Writer) error {
	if err := a.conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	if _, err := a.conn.Write(a.request); err != nil {
		return err
	}
	answer, err := http.ReadResponse(a.reader, nil)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return refusal("ask", answer)
	}
	_, err = io.Copy(to, answer.Body)
	return err
}

// asking is a side: all connections make the same request.
func asking(address string, request []byte, connections int) side {
	return func(ctx context.Context, d time.Duration) (float64, error) {
		all := make([]*asker, connections)
		for i := range all {
			a, err := newAsker(ctx, address, request)
			if err != nil {
				return 0, err
			}
			defer func() { _ = a.conn.Close() }()
			all[i] = a
		}
		return drive(ctx, connections, d, func(_ context.Context, worker int) error { return all[worker].ask(io.Discard) }).strict()
	}
}

// getting is a side: all connections ask for the same page.
func getting(address, path string, connections int) side {
	return asking(address, getRequest(address, path), connections)
}

// fetch reads a page.
func fetch(ctx context.Context, address, path string) ([]byte, error) {
	a, err := newAsker(ctx, address, getRequest(address, path))
	if err != nil {
		return nil, err
	}
	defer func() { _ = a.conn.Close() }()
	var body bytes.Buffer
	if err := a.ask(&body); err != nil {
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
