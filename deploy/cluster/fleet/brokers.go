package fleet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/classcode/maillage/pkg/testkit"
)

const brokerCount = 3

// broker is where a NATS server listens.
type broker struct{ client, route, monitor string }

// NATSURL is where the services reach their broker.
func (f *Fleet) NATSURL() string { return f.natsURL("maillage", f.secrets.nats) }

func (f *Fleet) natsURL(user, password string) string {
	var urls []string
	for _, b := range f.brokers {
		urls = append(urls, fmt.Sprintf("nats://%s:%s@%s", user, password, b.client))
	}
	return strings.Join(urls, ",")
}

// startBrokers starts three servers that know each other; each flushes a message to its disk before it acknowledges it.
func (f *Fleet) startBrokers(ctx context.Context) error {
	for range brokerCount {
		var b broker
		for _, at := range []*string{&b.client, &b.route, &b.monitor} {
			var err error
			if *at, err = testkit.Address(ctx); err != nil {
				return err
			}
		}
		f.brokers = append(f.brokers, b)
	}
	for i, b := range f.brokers {
		name := brokerName(i)
		file := f.path(name + ".conf")
		if err := os.WriteFile(file, []byte(f.brokerConfig(name, b)), 0o600); err != nil {
			return err
		}
		if err := f.launch(&node{name: name, binary: "nats-server", args: []string{"-c", file}, health: "http://" + b.monitor + "/healthz", broker: true}); err != nil {
			return err
		}
	}
	return f.AwaitBrokers(ctx)
}

func brokerName(i int) string { return fmt.Sprintf("nats-%d", i+1) }

// AwaitBrokers waits until the servers have chosen a leader and caught up with it.
func (f *Fleet) AwaitBrokers(ctx context.Context) error {
	for i := range f.brokers {
		if err := f.Await(ctx, brokerName(i)); err != nil {
			return err
		}
	}
	return nil
}

func (f *Fleet) brokerConfig(name string, b broker) string {
	var routes []string
	for _, other := range f.brokers {
		routes = append(routes, fmt.Sprintf("%q", "nats://"+other.route))
	}
	return fmt.Sprintf(`server_name: %s
listen: %q
http: %q
jetstream { store_dir: %q, sync_interval: always, max_file_store: 64GB }
cluster { name: maillage, listen: %q, routes: [%s] }
system_account: SYSTEM
accounts {
  SYSTEM { users: [{ user: system, password: %q }] }
  MAILLAGE { jetstream: enabled, users: [{ user: maillage, password: %q }] }
}
`, name, b.client, b.monitor, f.path(name), b.route, strings.Join(routes, ", "), f.secrets.system, f.secrets.nats)
}

// KillBrokers is kill -9 of all NATS servers.
func (f *Fleet) KillBrokers() (err error) {
	for i := range f.brokers {
		err = errors.Join(err, f.Kill(brokerName(i)))
	}
	return err
}

// WipeBrokers removes what the killed NATS servers had stored.
func (f *Fleet) WipeBrokers() (err error) {
	for i := range f.brokers {
		err = errors.Join(err, os.RemoveAll(f.path(brokerName(i))))
	}
	return err
}

// ReviveBrokers starts the killed NATS servers again.
func (f *Fleet) ReviveBrokers() (err error) {
	for i := range f.brokers {
		err = errors.Join(err, f.Revive(brokerName(i)))
	}
	return err
}
