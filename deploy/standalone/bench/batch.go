package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/keyfile"
)

const (
	batchAttestations = 10_000
	// batchPerson is how many of them each person shows.
	batchPerson = 10
	batchGoal   = 100 // MB
)

// batch measures the largest heap that the whole program has while it gives a structure everything that is shown to it, signed attestations
// included: from SQLite, through the services, to the socket.
func (b *bench) batch(ctx context.Context) (rows []Row, err error) {
	i, err := b.start(ctx, "")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, i.close()) }()
	credential, err := i.attested(ctx)
	if err != nil {
		return nil, err
	}
	token, structure, err := i.employer(ctx)
	if err != nil {
		return nil, err
	}
	if err := i.showBatch(ctx, structure, credential); err != nil {
		return nil, err
	}
	row := Row{
		Name: "attestations.batch", Unit: "MB", Medium: b.Medium, Rounds: b.Rounds, InFlight: 1, Baseline: batchGoal,
		Against: fmt.Sprintf("what is required for %d attestations", batchAttestations),
	}
	for n := range b.Rounds {
		began, size := time.Now(), int64(0)
		peak, err := peakHeap(func() (err error) {
			size, err = i.download(ctx, "/v1/structures/"+structure+"/attestations.zip", token)
			return err
		})
		if err != nil {
			return nil, err
		}
		if least := int64(batchAttestations * len(credential)); size < least {
			return nil, fmt.Errorf("an archive of %d bytes: %d are missing at least", size, least-size)
		}
		row.Values = append(row.Values, peak)
		say("%s: round %d of %d: %s MB, in %.1f s", row.Name, n+1, b.Rounds, figure(peak), time.Since(began).Seconds())
	}
	row.settle()
	return []Row{row}, nil
}

// employer is a relay's token, and its structure.
func (i *instance) employer(ctx context.Context) (token, structure string, err error) {
	tokens, err := i.people(ctx, "relay", 1)
	if err != nil {
		return "", "", err
	}
	var known struct {
		Roles []struct{ StructureID string }
	}
	err = i.ask(ctx, http.MethodPost, "/v1/people:resolve", tokens[0], struct{}{}, &known)
	if err == nil && len(known.Roles) == 0 {
		err = errors.New("a relay without a role")
	}
	if err != nil {
		return "", "", err
	}
	return tokens[0], known.Roles[0].StructureID, nil
}

// showBatch leaves the rows that a thousand people would who show ten attestations each.
func (i *instance) showBatch(ctx context.Context, structure, credential string) (err error) {
	db, err := database.Open(ctx, database.Config{DSN: "sqlite:" + filepath.Join(i.data, "meetings.db"), MaxConns: 2})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	meetings, err := openMeetings(ctx, db, batchPerson)
	if err != nil {
		return err
	}
	another, err := i.likeIt(credential)
	if err != nil {
		return err
	}
	now, until := database.Micros(time.Now()), database.Micros(time.Now().AddDate(1, 0, 0))
	var attestations, shares, shared [][]any
	for range batchAttestations / batchPerson {
		person, share := newID(), newID()
		shares = append(shares, []any{share, person, 1<<7 - 2, "", structure, share, now, until, 0})
		for _, meeting := range meetings {
			id := newID()
			attestations = append(attestations, []any{id, meeting, person, "", "38185", 1, another(id), now})
			shared = append(shared, []any{share, id})
		}
	}
	return db.Write(ctx, func(tx *sql.Tx) error {
		return errors.Join(
			db.BulkInsert(ctx, tx, "attestations",
				[]string{"id", "meeting_id", "person_id", "campaign_id", "commune_code", "role", "credential", "created_at"}, attestations),
			db.BulkInsert(ctx, tx, "attestation_shares",
				[]string{"id", "person_id", "shown", "label", "structure_id", "digest", "created_at", "expires_at", "hidden_at"}, shares),
			db.BulkInsert(ctx, tx, "shared_attestations", []string{"share_id", "attestation_id"}, shared))
	})
}

// likeIt makes credentials like one, each of another attestation, signed with the program's own key: a row whose credential is another
// row's is not shown as genuine.
func (i *instance) likeIt(credential string) (another func(id string) string, err error) {
	key, err := keyfile.Ed25519(filepath.Join(i.data, "attestation-key.pem"))
	if err != nil {
		return nil, err
	}
	header, rest, _ := strings.Cut(credential, ".")
	middle, _, _ := strings.Cut(rest, ".")
	payload, err := base64.RawURLEncoding.DecodeString(middle)
	if err != nil {
		return nil, err
	}
	var said struct{ ID string }
	if err := json.Unmarshal(payload, &said); err != nil {
		return nil, err
	}
	_, old, _ := strings.Cut(said.ID, "urn:uuid:")
	return func(id string) string {
		content := header + "." + base64.RawURLEncoding.EncodeToString(bytes.ReplaceAll(payload, []byte(old), []byte(id)))
		return content + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, []byte(content)))
	}, nil
}

// download reads a file to its end, keeps nothing of it, and says how long it was.
func (i *instance) download(ctx context.Context, path, token string) (size int64, err error) {
	request, err := newRequest(ctx, http.MethodGet, i.url(path), nil)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	patient := &http.Client{Transport: i.http.Transport}
	answer, err := patient.Do(request)
	if err != nil {
		return 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return 0, refusal("GET "+path, answer)
	}
	return io.Copy(io.Discard, answer.Body)
}

// peakHeap is the largest heap of this process during what is done, in megabytes, what could be collected included.
func peakHeap(do func() error) (float64, error) {
	runtime.GC()
	done, peak := make(chan error, 1), uint64(0)
	go func() { done <- do() }()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return float64(peak) / megabyte, err
		case <-tick.C:
			metrics.Read(sample)
			peak = max(peak, sample[0].Value.Uint64())
		}
	}
}
