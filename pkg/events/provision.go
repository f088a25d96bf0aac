package events

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// State is what provisioning met, or made.
type State string

// The states of a stream or a consumer.
const (
	Exists  State = "exists"
	Created State = "created"
	Updated State = "updated"
	Slower  State = "slower"  // than with what differs: services start all the same
	Differs State = "differs" // from what this program needs: services refuse to start
)

// Finding is a stream, or a consumer of one, as provisioning leaves it.
type Finding struct {
	Name        string // STREAM or STREAM/CONSUMER
	State       State
	Differences []string // before an update
}

// Provision creates the streams, and those for dead letters and the server's advisories, where they are missing; it changes none
// that exists, and returns ErrStreamSettings with each difference for one whose settings are others.
func (b *Bus) Provision(ctx context.Context, configs ...StreamConfig) error {
	found, err := b.streams(ctx, false, configs)
	if err != nil {
		return err
	}
	for _, f := range found {
		if f.State == Differs {
			return fmt.Errorf("%w: %s: %s; provision with --update, or delete the stream: it is filled again from the outbox",
				ErrStreamSettings, f.Name, strings.Join(f.Differences, ", "))
		}
	}
	return nil
}

// Arrange is Provision for an operator: it tells what it found instead of refusing, the consumers of the services included, and with
// update gives what exists the settings of this program, as far as the server can change them. What a consumer hears it leaves alone.
func (b *Bus) Arrange(ctx context.Context, update bool, configs ...StreamConfig) ([]Finding, error) {
	found, err := b.streams(ctx, update, configs)
	if err != nil {
		return found, err
	}
	for _, c := range configs {
		consumers, err := b.consumers(ctx, update, StreamName(c.Service), ours(configs))
		if err != nil {
			return found, fmt.Errorf("consumers of %s: %w", StreamName(c.Service), err)
		}
		found = append(found, consumers...)
	}
	return found, nil
}

// Reserved is how many bytes a server sets aside for the streams.
func Reserved(configs ...StreamConfig) (bytes int64) {
	for _, s := range streamConfigs(configs) {
		bytes += s.MaxBytes
	}
	return bytes
}

func streamConfigs(configs []StreamConfig) []jetstream.StreamConfig {
	var all []jetstream.StreamConfig
	replicas := 1
	for _, c := range configs {
		all = append(all, c.stream())
		replicas = max(replicas, c.Replicas)
	}
	return append(all, dead(replicas), advisories(replicas))
}

func (b *Bus) streams(ctx context.Context, update bool, configs []StreamConfig) (found []Finding, err error) {
	for _, c := range configs {
		if !noun.MatchString(c.Service) {
			return nil, fmt.Errorf("provision: %q is not a service's name", c.Service)
		}
	}
	for _, want := range streamConfigs(configs) {
		var f Finding
		err := placed(ctx, func() (err error) {
			f, err = b.provision(ctx, update, want)
			return err
		})
		if err != nil {
			return found, fmt.Errorf("provision %s: %w", want.Name, err)
		}
		found = append(found, f)
	}
	return found, nil
}

func (b *Bus) provision(ctx context.Context, update bool, want jetstream.StreamConfig) (Finding, error) {
	stream, err := b.js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		if _, err = b.js.CreateStream(ctx, want); err == nil {
			return Finding{Name: want.Name, State: Created}, nil
		}
	}
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // another replica was faster
		stream, err = b.js.Stream(ctx, want.Name)
	}
	if err != nil {
		return Finding{}, err
	}
	have := stream.CachedInfo().Config
	f := Finding{want.Name, Differs, streamDifferences(want, have)}
	if len(f.Differences) == 0 {
		f.State = Slower
	}
	f.Differences = append(f.Differences, streamDelays(want, have)...)
	return settle(f, update, func() error {
		_, err := b.js.UpdateStream(ctx, withStream(have, want))
		return err
	})
}

const (
	// placing is how long a cluster that was just started may take until its leader has heard how much room each server has.
	placing = 15 * time.Second
	// placingPause is how soon after such a refusal the leader is asked again; servers report themselves after 250 ms, 500 ms, 1 s…
	placingPause = 100 * time.Millisecond
	// What JetStream answers while there is no leader yet, or one that has not heard from enough servers; the client names neither.
	codeNoPeers, codeNoLeader jetstream.ErrorCode = 10005, 10008
)

// placed tries until the cluster can place a stream. Servers that all answer and have chosen a leader cannot yet: that the leader still
// lacks their reports shows in its refusal only, and passes by itself.
func placed(ctx context.Context, try func() error) error {
	patience, cancel := context.WithTimeout(ctx, placing)
	defer cancel()
	for {
		err := try()
		if !notYet(err) || !wait(patience, placingPause) {
			return err
		}
	}
}

// notYet tells what a cluster that is still gathering answers; without a leader it may also say nothing.
func notYet(err error) bool {
	refusal, refused := errors.AsType[*jetstream.APIError](err)
	return refused && (refusal.ErrorCode == codeNoPeers || refusal.ErrorCode == codeNoLeader) || errors.Is(err, context.DeadlineExceeded)
}

func (b *Bus) consumers(ctx context.Context, update bool, stream string, ours func(durable string) bool) (found []Finding, err error) {
	s, err := b.js.Stream(ctx, stream)
	if err != nil {
		return nil, err
	}
	list := s.ListConsumers(ctx)
	for info := range list.Info() {
		have := info.Config
		if have.Durable == "" || !ours(have.Durable) {
			continue
		}
		want := withConsumer(have, Consumer{ackWait: ackWait}.consumerConfig())
		f, err := settle(Finding{stream + "/" + info.Name, Differs, consumerDifferences(want, have)}, update, func() error {
			_, err := b.js.UpdateConsumer(ctx, stream, want)
			return err
		})
		if err != nil {
			return found, err
		}
		found = append(found, f)
	}
	return found, list.Err()
}

// ours tells the services' consumers by their names from an operator's readers.
func ours(configs []StreamConfig) func(durable string) bool {
	return func(durable string) bool {
		return slices.ContainsFunc(configs, func(c StreamConfig) bool { return strings.HasPrefix(durable, c.Service+"-") })
	}
}

// settle mends what differs when it is asked to; what the server cannot change goes on differing, with the server's reason.
func settle(f Finding, update bool, mend func() error) (Finding, error) {
	if len(f.Differences) == 0 {
		f.State = Exists
		return f, nil
	}
	if !update {
		return f, nil
	}
	err := mend()
	if err == nil {
		f.State = Updated
		return f, nil
	}
	if _, refused := errors.AsType[jetstream.JetStreamError](err); refused {
		f.Differences = append(f.Differences, "the server cannot change this: "+err.Error())
		err = nil
	}
	return f, err
}
