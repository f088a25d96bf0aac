package main

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// broker is a NATS server that flushes each message to its disk before it acknowledges it.
type broker struct {
	bench   *bench
	process *process
	url     string
}

func (b *bench) startBroker(ctx context.Context) (*broker, error) {
	path, err := binary(ctx, "nats-server")
	if err != nil {
		return nil, err
	}
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	monitor, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(b.folder, "nats-")
	if err != nil {
		return nil, err
	}
	file := folder + ".conf"
	text := fmt.Sprintf("listen: %q\nhttp: %q\njetstream { store_dir: %q, sync_interval: always, max_file_store: 64GB }\n", address, monitor, folder)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, err
	}
	k := &broker{bench: b, url: "nats://" + address}
	if k.process, err = b.launch(path, nil, "-c", file); err != nil {
		return nil, err
	}
	if err := k.process.ready(ctx, "http://"+monitor+"/healthz"); err != nil {
		return nil, errors.Join(err, k.close())
	}
	return k, nil
}

func (k *broker) close() error { return k.bench.stop(k.process) }
