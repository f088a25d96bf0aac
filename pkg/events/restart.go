package events

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// forgetHalfMade lets streams and consumers be made again whose making a crash cut off: the server writes meta.inf before its
// checksum, passes over a folder without the checksum at every start, and never adds it to a meta.inf that is there already.
func forgetHalfMade(streams fs.FS, dir string) error {
	for _, kind := range []string{"jetstream/*/streams/*/meta.inf", "jetstream/*/streams/*/obs/*/meta.inf"} {
		made, err := fs.Glob(streams, kind)
		if err != nil {
			return err
		}
		for _, meta := range made {
			if _, err := fs.Stat(streams, path.Join(path.Dir(meta), "meta.sum")); !errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err := os.Remove(filepath.Join(dir, filepath.FromSlash(meta))); err != nil {
				return err
			}
		}
	}
	return nil
}

// release gives back what a killed process had taken: nobody holds a message of a server that has just started, and
// otherwise it would come again only after the ack wait. It also gives the streams of an older version batches, and its consumers this
// one's settings: in a server without a port no other version is at work, and nobody else could.
func (s *Server) release() error {
	bus, err := s.Connect(Config{Name: "start"})
	if err != nil {
		return err
	}
	defer bus.Close()
	ctx, cancel := context.WithTimeout(context.Background(), startDeadline)
	defer cancel()
	streams := bus.js.ListStreams(ctx)
	for stream := range streams.Info() {
		if err := bus.release(ctx, stream.Config.Name); err != nil {
			return fmt.Errorf("release %s: %w", stream.Config.Name, err)
		}
		if config := stream.Config; !config.AllowAtomicPublish {
			config.AllowAtomicPublish = true
			if _, err := bus.js.UpdateStream(ctx, config); err != nil {
				return fmt.Errorf("batches for %s: %w", config.Name, err)
			}
		}
		if _, err := bus.consumers(ctx, true, stream.Config.Name, func(string) bool { return true }); err != nil {
			return fmt.Errorf("consumers of %s: %w", stream.Config.Name, err)
		}
	}
	return streams.Err()
}

func (b *Bus) release(ctx context.Context, name string) error {
	stream, err := b.js.Stream(ctx, name)
	if err != nil {
		return err
	}
	consumers := stream.ListConsumers(ctx)
	var all error
	for c := range consumers.Info() {
		if c.Config.Durable != "" && c.NumAckPending > 0 {
			_, err := b.js.ResetConsumer(ctx, name, c.Name) // from the first that is not acknowledged
			all = errors.Join(all, err)
		}
	}
	return errors.Join(all, consumers.Err())
}
