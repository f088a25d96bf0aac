package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/classcode/maillage/pkg/testkit"
)

const (
	brokers = 3
	// devIssuer is what the door's development login calls itself.
	devIssuer = "http://maillage.localhost/dev"
)

// cluster is what runs, in the order in which it was started.
type cluster struct {
	cli
	children []*child
	stopping atomic.Bool
	ended    chan error

	pg      *testkit.Cluster
	dsn     string
	natsURL string
	pageKey string
	http    string            // the door's address, known before it is there: the services look for its keys
	grpc    map[string]string // by service
	admin   map[string]string
}

var services = []string{"catalogue", "mesh", "meetings", "indicators"}

func (k *cluster) prepare(ctx context.Context) (err error) {
	k.ended = make(chan error, 1)
	if err := errors.Join(os.RemoveAll(k.Dir), os.MkdirAll(k.Dir, 0o700)); err != nil { // PostgreSQL begins empty, so must the streams
		return err
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	k.pageKey = hex.EncodeToString(key)
	k.grpc, k.admin = map[string]string{}, map[string]string{}
	for _, name := range append([]string{"gateway"}, services...) {
		if k.grpc[name], err = free(ctx); err != nil {
			return err
		}
		if k.admin[name], err = free(ctx); err != nil {
			return err
		}
	}
	k.http = k.grpc["gateway"]
	return nil
}

func (k *cluster) postgres(ctx context.Context) (err error) {
	if k.pg, err = testkit.StartCluster(testkit.ClusterConfig{Durable: true}); err != nil {
		return err
	}
	database, err := k.pg.Database(ctx)
	if err != nil {
		return err
	}
	k.dsn = database.DSN
	fmt.Println("prêt : postgres")
	return k.note("postgres", k.pg.PID())
}

// nats starts three servers that know each other; each flushes a message to its disk before it acknowledges it.
func (k *cluster) nats(ctx context.Context) error {
	var clients, routes, monitors [brokers]string
	for i := range brokers {
		for _, at := range []*string{&clients[i], &routes[i], &monitors[i]} {
			var err error
			if *at, err = free(ctx); err != nil {
				return err
			}
		}
	}
	for i := range brokers {
		name := fmt.Sprintf("nats-%d", i+1)
		text := fmt.Sprintf("server_name: %s\nlisten: %q\nhttp: %q\njetstream { store_dir: %q, sync_interval: always, max_file_store: 64GB }\n"+
			"cluster { name: maillage, listen: %q, routes: [%s] }\n",
			name, clients[i], monitors[i], filepath.Join(k.Dir, name), routes[i], `"nats://`+strings.Join(routes[:], `", "nats://`)+`"`)
		file := filepath.Join(k.Dir, name+".conf")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return err
		}
		if err := k.launch(name, "nats-server", nil, "-c", file); err != nil {
			return err
		}
	}
	k.natsURL = "nats://" + strings.Join(clients[:], ",nats://")
	for i := range brokers {
		// Healthy means that the servers have chosen a leader and caught up with it.
		if err := k.await(ctx, fmt.Sprintf("nats-%d", i+1), "http://"+monitors[i]+"/healthz"); err != nil {
			return err
		}
	}
	return nil
}

// services start together: each waits for those that it asks.
func (k *cluster) services(ctx context.Context) error {
	peers := map[string][]string{
		"catalogue": {"--mesh", k.grpc["mesh"]}, "mesh": {"--catalogue", k.grpc["catalogue"]}, "indicators": {"--mesh", k.grpc["mesh"]},
		"meetings": {"--mesh", k.grpc["mesh"], "--catalogue", k.grpc["catalogue"], "--signing-key-file", filepath.Join(k.Dir, "attestation-key.pem")},
	}
	for _, name := range services {
		secrets := []string{strings.ToUpper(name) + "_PAGE_KEY=" + k.pageKey, strings.ToUpper(name) + "_DATABASE_DSN=" + k.dsn}
		args := append([]string{
			"--listen", k.grpc[name], "--admin", k.admin[name], "--nats-url", k.natsURL, "--stream-replicas", "3", "--log-level", "warn",
			"--issuer", devIssuer, "--issuer-development", "--issuer-jwks", "http://" + k.http + "/dev/jwks.json",
		}, peers[name]...)
		if err := k.launch(name, name, secrets, args...); err != nil {
			return err
		}
	}
	for _, name := range services {
		if err := k.await(ctx, name, "http://"+k.admin[name]+"/readyz"); err != nil {
			return err
		}
	}
	return nil
}

func (k *cluster) door(ctx context.Context) error {
	args := []string{"--listen", k.http, "--admin", k.admin["gateway"], "--dev-login", "--dev-key-file", filepath.Join(k.Dir, "dev-issuer.pem"), "--log-level", "warn"}
	for _, name := range services {
		args = append(args, "--"+name, k.grpc[name])
	}
	if err := k.launch("gateway", "gateway", nil, args...); err != nil {
		return err
	}
	return k.await(ctx, "gateway", "http://"+k.admin["gateway"]+"/readyz")
}
