package fleet

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// devIssuer is what the door's development login calls itself.
const devIssuer = "http://maillage.localhost/dev"

// peers are the services that each one asks.
var peers = map[string][]string{
	"catalogue": {"mesh"}, "mesh": {"catalogue"}, "meetings": {"mesh", "catalogue"}, "indicators": {"mesh"}, door: Services,
}

// provision is the operator's part: the streams, on servers of which each flushes before it acknowledges.
func (f *Fleet) provision(ctx context.Context) error {
	command := exec.CommandContext(ctx, filepath.Join(f.cfg.Bin, "maillage"), "provision", //nolint:gosec // a program of ours
		"--expect-servers", strconv.Itoa(brokerCount), "--stream-replicas", strconv.Itoa(brokerCount))
	command.Env = append(os.Environ(), "MAILLAGE_NATS_URL="+f.NATSURL(), "MAILLAGE_SYSTEM_URL="+f.natsURL("system", f.secrets.system))
	if said, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("provision: %w: %s", err, said)
	}
	f.ready("streams")
	return nil
}

// startServices starts all at once: each waits for those that it asks.
func (f *Fleet) startServices(ctx context.Context) error {
	for _, name := range Services {
		for i := range f.grpc[name] {
			args := f.arguments(name, i, "--stream-replicas", strconv.Itoa(brokerCount),
				"--issuer", devIssuer, "--issuer-development", "--issuer-jwks", "http://"+f.http+"/dev/jwks.json")
			if name == "meetings" {
				args = append(args, "--signing-key-file", f.path("attestation-key.pem"), "--public-url", "http://"+f.http, "--mail-folder", f.path("mail"))
			}
			prefix := strings.ToUpper(name) + "_"
			secrets := []string{prefix + "PAGE_KEY=" + f.secrets.pageKey, prefix + "DATABASE_DSN=" + f.dsn, prefix + "NATS_URL=" + f.NATSURL()}
			if name == "meetings" || name == "mesh" {
				secrets = append(secrets, prefix+"INTERNAL_KEY="+f.secrets.serviceKey)
			}
			if err := f.launch(&node{name: Replica(name, i), binary: name, env: secrets, args: args, health: "http://" + f.admin[name][i] + "/readyz"}); err != nil {
				return err
			}
		}
	}
	for _, name := range Services {
		for i := range f.grpc[name] {
			if err := f.Await(ctx, Replica(name, i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Replica is the name of a service's i-th process: mesh, mesh-2…
func Replica(service string, i int) string {
	if i == 0 {
		return service
	}
	return fmt.Sprintf("%s-%d", service, i+1)
}

func (f *Fleet) arguments(name string, i int, more ...string) []string {
	args := append([]string{"--listen", f.grpc[name][i], "--admin", f.admin[name][i], "--log-level", "warn"}, more...)
	for _, peer := range peers[name] {
		args = append(args, "--"+peer, strings.Join(f.grpc[peer], ","))
	}
	return append(args, f.cfg.Flags...)
}

func (f *Fleet) startDoor(ctx context.Context) error {
	n := &node{
		name: door, binary: door, health: "http://" + f.admin[door][0] + "/readyz",
		args: f.arguments(door, 0, "--dev-login", "--dev-key-file", f.path("dev-issuer.pem")),
	}
	if err := f.launch(n); err != nil {
		return err
	}
	return f.await(ctx, n)
}
