package moveup

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
)

// report says what moved, and what the folder still holds that the services need.
func (m *move) report() {
	w := tabwriter.NewWriter(m.out, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "\nservice\ttable\tlignes\tempreinte")
	var rows int64
	for _, t := range m.tallies {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%d\t%x\n", t.service, t.table, t.rows, t.hash[:6])
		rows += t.rows
	}
	_, _ = fmt.Fprintf(w, "total\t%d tables\t%d\t\n", len(m.tallies), rows)
	_ = w.Flush()
	m.say("\nTout est dans PostgreSQL, un schéma par service : %s.", strings.Join(services, ", "))
	m.say("Les clés restent dans le dossier ; donnez-les aux programmes :")
	m.key("attestation-key.pem", "meetings --signing-key-file %s (avec le même --credential-issuer) : les attestations déjà signées se vérifient encore sans elle, les suivantes restent signées par la même clé")
	m.key("page.key", "catalogue, mesh, meetings, indicators --page-key-file %s")
	m.key("dev-issuer.pem", "gateway --dev-key-file %s, pour la connexion de développement seulement")
	m.say("Ou en un seul processus : maillage serve --data %s --database-dsn …", m.Data)
	m.say("Rangez ailleurs les fichiers .db de %s : un programme qui repartirait sur eux écrirait à côté.", m.Data)
}

func (m *move) key(file, use string) {
	path := filepath.Join(m.Data, file)
	if _, err := os.Stat(path); err == nil {
		m.say("  "+use, path)
	}
}
