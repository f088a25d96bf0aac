package moveup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/classcode/maillage/pkg/database"
)

// openSources takes all files for itself, to the end: a standalone that is started meanwhile does not get in.
func (m *move) openSources(ctx context.Context) error {
	info, err := os.Stat(m.Data)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a folder", m.Data)
	}
	if err != nil {
		return err
	}
	for _, service := range services {
		path := filepath.Join(m.Data, service+".db")
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is missing: this is not the folder of a standalone", path)
		}
	}
	for _, service := range services {
		pool, err := database.Offline(ctx, database.Config{DSN: "sqlite:" + filepath.Join(m.Data, service+".db")})
		if err != nil {
			return err
		}
		m.onClose(func() { _ = pool.Close() })
		tx, err := pool.BeginTx(ctx, &sql.TxOptions{})
		if err != nil {
			return fmt.Errorf("%s: %w", service, err)
		}
		m.onClose(func() { _ = tx.Rollback() })
		m.sources[service] = tx
	}
	return nil
}
