package provision

import (
	"fmt"
	"strings"

	"github.com/classcode/maillage/pkg/events"
)

// refuse names each server that would lose what it acknowledged, or cannot hold it, and how to mend it.
func (c Config) refuse(nodes []events.Node, reserved int64) error {
	var faults []string
	for _, n := range nodes {
		if fault := faultOf(n, reserved); fault != "" {
			faults = append(faults, n.Name+" "+fault)
		}
	}
	if len(faults) > 0 {
		return fmt.Errorf("nothing was made: %s", strings.Join(faults, "; "))
	}
	switch n := len(nodes); {
	case c.ExpectServers > 0 && n != c.ExpectServers:
		return fmt.Errorf("nothing was made: --expect-servers %d, but %d answer: %s", c.ExpectServers, n, names(nodes))
	case n < c.StreamReplicas:
		return fmt.Errorf("nothing was made: --stream-replicas %d, but only %d servers answer: %s", c.StreamReplicas, n, names(nodes))
	}
	return nil
}

func faultOf(n events.Node, reserved int64) string {
	switch {
	case n.Silent:
		return "does not answer (start it, or take it out of the cluster)"
	case !n.JetStream:
		return "is without JetStream (give it a jetstream block)"
	case !n.SyncAlways:
		return fmt.Sprintf("acknowledges what it flushes up to %s later (set sync_interval: always in its jetstream block)", n.SyncInterval)
	case n.MaxStore < reserved:
		// Which servers hold a stream's copies is the cluster's choice: each must have room for all.
		return fmt.Sprintf("stores %d MiB at most, and the streams need %d (set max_file_store in its jetstream block)", n.MaxStore>>20, reserved>>20)
	}
	return ""
}

func names(nodes []events.Node) string {
	var all []string
	for _, n := range nodes {
		all = append(all, n.Name)
	}
	return strings.Join(all, ", ")
}
