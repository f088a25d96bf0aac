package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"path/filepath"
	"strings"
)

// processGoal is what a process of the distributed form may take at rest, in megabytes.
const processGoal = 60

// services are started together, before the door.
var services = []string{"catalogue", "mesh", "meetings", "indicators"}

// apart measures the services and the door as processes of their own.
func (b *bench) apart(ctx context.Context) (rows []Row, err error) {
	k, err := b.prepareCluster(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, k.close()) }()
	if err := k.start(ctx); err != nil {
		return nil, err
	}
	// What loading took is not what a process takes: they start again on what is loaded.
	if err := errors.Join(k.stop(), k.start(ctx)); err != nil {
		return nil, err
	}
	if rows, err = k.memory(ctx); err != nil {
		return nil, err
	}
	if sockets := "http.page50.sockets"; b.wants(sockets) {
		row := Row{Name: sockets, Unit: "pages/s", Against: "gRPC straight from the service", InFlight: connections}
		if err := k.page(ctx, &row); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// memory rests once for all processes.
func (k *cluster) memory(ctx context.Context) (rows []Row, err error) {
	for _, name := range append([]string{"gateway"}, services...) {
		row := Row{Name: "memory." + name, Unit: "MB", Baseline: processGoal, Against: "what is aimed for", Medium: k.bench.Medium, Rounds: 1}
		if !k.bench.wants(row.Name) {
			continue
		}
		measure := resident
		if len(rows) == 0 {
			measure = func(pid int) (float64, error) { return restingMemory(ctx, pid) }
		}
		if row.Value, err = measure(k.running[name].pid()); err != nil {
			return nil, err
		}
		row.settle()
		rows = append(rows, row)
	}
	return rows, nil
}

// cluster is the distributed form: PostgreSQL, one NATS server, and what runs against them.
type cluster struct {
	bench   *bench
	paths   map[string]string // of the programs
	grpc    map[string]string // where they listen
	admin   map[string]string
	dsn     string
	broker  *broker
	pageKey string
	running map[string]*process
	closers []func() error
}

func (b *bench) prepareCluster(ctx context.Context) (k *cluster, err error) {
	k = &cluster{bench: b, paths: map[string]string{}, grpc: map[string]string{}, admin: map[string]string{}, running: map[string]*process{}}
	for _, name := range append(services, "gateway") {
		if k.paths[name], err = binary(ctx, name); err != nil {
			return nil, err
		}
		if k.grpc[name], err = freeAddress(ctx); err != nil {
			return nil, err
		}
		if k.admin[name], err = freeAddress(ctx); err != nil {
			return nil, err
		}
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	k.pageKey = hex.EncodeToString(key)
	database, stop, err := b.postgres(ctx)
	if err != nil {
		return nil, err
	}
	k.dsn, k.closers = database.DSN, append(k.closers, stop)
	if k.broker, err = b.startBroker(ctx); err != nil {
		return nil, errors.Join(err, k.close())
	}
	k.closers = append(k.closers, k.broker.close)
	return k, nil
}

// start starts the services, then the door, and waits for them.
func (k *cluster) start(ctx context.Context) error {
	peers := map[string][]string{
		"catalogue": {"--mesh", k.grpc["mesh"]}, "mesh": {"--catalogue", k.grpc["catalogue"]}, "indicators": {"--mesh", k.grpc["mesh"]},
		"meetings": {"--mesh", k.grpc["mesh"], "--catalogue", k.grpc["catalogue"], "--signing-key-file", filepath.Join(k.bench.folder, "attestation-key.pem"),
			"--mail-folder", filepath.Join(k.bench.folder, "mail"), "--mail-rate", "2"},
	}
	for _, name := range services {
		prefix := strings.ToUpper(name)
		secrets := []string{prefix + "_PAGE_KEY=" + k.pageKey, prefix + "_DATABASE_DSN=" + k.dsn, prefix + "_INTERNAL_KEY=" + k.pageKey}
		err := k.launch(name, secrets,
			append(peers[name], "--nats-url", k.broker.url, "--issuer", "https://issuer.invalid"))
		if err != nil {
			return err
		}
	}
	for _, name := range services {
		if err := k.await(ctx, name); err != nil {
			return err
		}
	}
	var peersOfDoor []string
	for _, name := range services {
		peersOfDoor = append(peersOfDoor, "--"+name, k.grpc[name])
	}
	if err := k.launch("gateway", nil, peersOfDoor); err != nil {
		return err
	}
	return k.await(ctx, "gateway")
}

func (k *cluster) launch(name string, environment, args []string) (err error) {
	k.running[name], err = k.bench.launch(k.paths[name], environment, append(args, "--listen", k.grpc[name], "--admin", k.admin[name])...)
	return err
}

func (k *cluster) await(ctx context.Context, name string) error {
	return k.running[name].ready(ctx, "http://"+k.admin[name]+"/readyz")
}

// stop ends the door first.
func (k *cluster) stop() error {
	var all []*process
	for _, name := range append([]string{"gateway"}, services...) {
		if p := k.running[name]; p != nil {
			all = append(all, p)
			delete(k.running, name)
		}
	}
	return k.bench.stop(all...)
}

func (k *cluster) close() error {
	all := []error{k.stop()}
	for i := len(k.closers) - 1; i >= 0; i-- {
		all = append(all, k.closers[i]())
	}
	return errors.Join(all...)
}
