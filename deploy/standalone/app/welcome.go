package app

import (
	"fmt"
	"io"
	"sync"
)

// PrintProgress writes a line for each kind of data that is loaded, and on the way for the long ones.
func PrintProgress(out io.Writer) Progress {
	var mu sync.Mutex
	printed := map[string]int{}
	return func(what string, done, total int) {
		mu.Lock()
		defer mu.Unlock()
		const steps, long = 4, 1000 // a quarter of a long way is worth a line
		if total == 0 || done < total && (total < long || done*steps/total <= printed[what]) {
			return
		}
		printed[what] = done * steps / total
		_, _ = fmt.Fprintf(out, "chargement : %s %d/%d\n", what, done, total)
	}
}

// Welcome says where everything is.
func (a *App) Welcome(out io.Writer) {
	door := "http://" + a.HTTP.Addr().String()
	_, _ = fmt.Fprintf(out, `
maillage est prêt ; ses données sont dans %s.
  Accueil        %s/
  API            %s/docs   (OpenAPI : %s/openapi.json)
  gRPC           %s
  Santé, mesures http://%s/readyz, /metrics
`, a.cfg.Data, door, door, door, a.GRPC.Addr(), a.Admin.Addr())
	if a.issuer != nil {
		_, _ = fmt.Fprintf(out, `  Connexion de développement : %s/dev/token?persona=learner&subject=moi
  Jouer une saison : bin/maillage season --url %s
`, door, door)
	}
	_, _ = fmt.Fprintln(out, "Ctrl-C pour arrêter.")
}
