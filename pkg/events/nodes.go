package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

const (
	// nodesPatience is for servers that are slow to answer; those that the others know and that stay silent are named as such.
	nodesPatience = 5 * time.Second
	// quiet after an answer ends a round of questions.
	quiet = 300 * time.Millisecond
)

// Node is a NATS server, as it says over the system account.
type Node struct {
	Name      string
	Silent    bool // the others know it, and it does not answer
	JetStream bool
	// SyncAlways: a message is on the disk before it is acknowledged. Otherwise a power cut takes the last SyncInterval.
	SyncAlways   bool
	SyncInterval time.Duration
	MaxStore     int64 // bytes; what the server derived from the disk when nobody set it
}

// Nodes asks every server of the cluster how it stores, and waits for as many as are expected, since servers that were just started
// do not know each other yet. The bus must be connected as a user of the system account: to others nobody answers.
func (b *Bus) Nodes(ctx context.Context, expected int) ([]Node, error) {
	ctx, cancel := context.WithTimeout(ctx, nodesPatience)
	defer cancel()
	known := map[string]Node{}
	for {
		err := b.askNodes(ctx, known)
		silent := slices.ContainsFunc(slices.Collect(maps.Values(known)), func(n Node) bool { return n.Silent })
		switch {
		case len(known) > 0 && (!silent && len(known) >= expected || ctx.Err() != nil):
			return slices.SortedFunc(maps.Values(known), func(a, b Node) int { return strings.Compare(a.Name, b.Name) }), nil
		case err != nil:
			return nil, err
		}
	}
}

// askNodes adds the servers that answer, and those that they know.
func (b *Bus) askNodes(ctx context.Context, known map[string]Node) error {
	hear := func(name string) {
		if _, there := known[name]; !there && name != "" {
			known[name] = Node{Name: name, Silent: true}
		}
	}
	err := b.ask(ctx, "ROUTEZ", func(data []byte) error {
		var answer server.ServerAPIRoutezResponse
		if err := json.Unmarshal(data, &answer); err != nil || answer.Data == nil {
			return err
		}
		for _, route := range answer.Data.Routes {
			hear(route.RemoteName)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return b.ask(ctx, "JSZ", func(data []byte) error {
		var answer server.ServerAPIJszResponse
		if err := json.Unmarshal(data, &answer); err != nil || answer.Data == nil || answer.Server == nil {
			return err
		}
		have := answer.Data
		known[answer.Server.Name] = Node{
			Name: answer.Server.Name, JetStream: !have.Disabled, SyncAlways: have.Config.SyncAlways,
			SyncInterval: have.Config.SyncInterval, MaxStore: have.Config.MaxStore,
		}
		if have.Meta != nil {
			hear(have.Meta.Leader)
			for _, peer := range have.Meta.Replicas {
				hear(peer.Name)
			}
		}
		return nil
	})
}

// ask sends one question to all servers, and hears their answers until they fall silent.
func (b *Bus) ask(ctx context.Context, question string, hear func(data []byte) error) error {
	inbox := b.conn.NewInbox()
	answers, err := b.conn.SubscribeSync(inbox)
	if err != nil {
		return err
	}
	defer func() { _ = answers.Unsubscribe() }()
	if err := b.conn.PublishRequest("$SYS.REQ.SERVER.PING."+question, inbox, nil); err != nil {
		return err
	}
	for heard := 0; ; heard++ {
		next, cancel := ctx, context.CancelFunc(func() {})
		if heard > 0 {
			next, cancel = context.WithTimeout(ctx, quiet)
		}
		m, err := answers.NextMsgWithContext(next)
		cancel()
		switch {
		case heard > 0 && errors.Is(err, context.DeadlineExceeded):
			return nil
		case err != nil:
			return errors.Join(errNotSystem, b.conn.LastError(), err)
		case len(m.Data) == 0 && m.Header.Get("Status") != "":
			return fmt.Errorf("%w: %w", errNotSystem, nats.ErrNoResponders)
		}
		if err := hear(m.Data); err != nil {
			return fmt.Errorf("%s: %w", question, err)
		}
	}
}

var errNotSystem = errors.New("no server answers for itself: this is not a user of the system account, or one without its rights")
