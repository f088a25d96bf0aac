package gateway

import (
	"bytes"
	"context"
	"html/template"
	"net/http"
	"strings"
	"time"

	"google.golang.org/grpc/status"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

const (
	// unsubscribePath is followed by the signed part of a mail's link.
	unsubscribePath = "/unsubscribe/"
	// The form comes back here and goes nowhere else; no script.
	formPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
	// unsubscribeBody is more than "List-Unsubscribe=One-Click", which is all that is sent.
	unsubscribeBody = 1 << 10
)

var unsubscribeTemplate = template.Must(template.ParseFS(pageFiles, "pages/unsubscribe.html"))

// unsubscribe ends reminders and changes by a mail's link (RFC 8058): a mail program posts to it at one click of its own, a person
// who opens it is asked first. Looking at it changes nothing: programs that check mails for viruses open every link.
type unsubscribe struct {
	notices meetingsv1.NoticeServiceClient
	web     webFiles
	timeout time.Duration
}

// unsubscribeView is what the page shows.
type unsubscribeView struct {
	Web    webFiles
	Done   bool
	Reason string // why not; empty otherwise
}

// ServeHTTP is part of http.Handler.
func (u *unsubscribe) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	exchangeFrom(r.Context()).name = unsubscribePath // never the token
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		u.show(w, http.StatusOK, unsubscribeView{})
	case http.MethodPost:
		u.do(w, r)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		refuse(w, r, errMethod)
	}
}

func (u *unsubscribe) do(w http.ResponseWriter, r *http.Request) {
	if _, e := readBody(w, r, unsubscribeBody); e != nil { // its content says nothing that the link does not
		refuse(w, r, e)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), u.timeout)
	defer cancel()
	_, err := u.notices.Unsubscribe(ctx, &meetingsv1.UnsubscribeRequest{Token: strings.TrimPrefix(r.URL.Path, unsubscribePath)})
	if err == nil {
		u.show(w, http.StatusOK, unsubscribeView{Done: true})
		return
	}
	p, _ := fromStatus(status.Convert(err), french)
	u.show(w, p.Code, unsubscribeView{Reason: p.Message})
}

func (u *unsubscribe) show(w http.ResponseWriter, code int, v unsubscribeView) {
	v.Web = u.web
	var page bytes.Buffer
	if err := unsubscribeTemplate.Execute(&page, v); err != nil {
		panic(err) // the template is ours, and embedded
	}
	h := w.Header()
	h.Set("Content-Security-Policy", formPolicy)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("X-Robots-Tag", "noindex")
	w.WriteHeader(code)
	_, _ = w.Write(page.Bytes()) // only a caller who has left makes this fail
}
