package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"

	"github.com/classcode/maillage/pkg/errs"
)

var errCorrupt = errs.New(errs.Internal, "DATABASE_CORRUPT",
	"The database file is damaged; restore a backup.",
	"Le fichier de la base est endommagé ; restaurez une sauvegarde.")

func openSQLite(ctx context.Context, cfg Config, path string) (*DB, error) {
	if path == "" || strings.HasPrefix(path, ":memory:") {
		// Two pools cannot share a database in memory.
		return nil, errDSN
	}
	path, err := createFile(path)
	if err != nil {
		return nil, err
	}
	writer, err := openFile(path, false)
	if err != nil {
		return nil, err
	}
	bound(writer, 1, 0)
	if err := quickCheck(ctx, writer); err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	// After the writer: a reader cannot turn the file to WAL.
	reader, err := openFile(path, true)
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	bound(reader, cfg.conns(), 0)
	return &DB{
		engine: SQLite, config: cfg, deadline: writeDeadline, writer: writer, reader: reader, relay: reader,
		migrate: func() *sql.DB { return writer },
	}, nil
}

// createFile makes the folder and the file before SQLite does, so that nobody else on the machine may read people's data:
// SQLite gives the WAL the mode of the file.
func createFile(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("sqlite path: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("sqlite folder: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return path, nil
	}
	if err != nil {
		return "", fmt.Errorf("sqlite file: %w", err)
	}
	return path, f.Close()
}

func openFile(path string, readOnly bool) (*sql.DB, error) {
	q := url.Values{
		"_foreign_keys": {"on"},
		"_busy_timeout": {"5000"}, // the same five seconds as a write's deadline
		"_synchronous":  {"full"}, // an acknowledged change survives a power cut
		"_defensive":    {"1"},
		"_dqs":          {"0"}, // "x" is a column, as on PostgreSQL, never silently a string
		"_error_rc":     {"1"},
		"_pragma":       {"trusted_schema(off)", "secure_delete(on)", "cell_size_check(on)", "mmap_size(0)"},
	}
	if readOnly {
		q.Set("_query_only", "on")
		q.Add("_pragma", "cache_size(-100)") // of many connections, each with its own; the pages are in the machine's memory as well (ADR 0027)
	} else {
		q.Set("_journal_mode", "wal")
		// What a statement may have to take back is kept in memory, not in a file of its own; and the pages that many transactions
		// change go from the log into the file for four times as many of them as by default, which is 16 MB.
		q["_pragma"] = append(q["_pragma"], "temp_store(memory)", "wal_autocheckpoint(4000)")
		q.Set("_txlock", "immediate") // a transaction that reads first and then writes can no longer fail half-way as busy
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	connector, err := sqlite.NewConnector(u.String())
	if err != nil {
		return nil, fmt.Errorf("open sqlite: %w", err)
	}
	connector = keeping{connector}
	if !readOnly {
		connector = bounded{connector}
	}
	return sql.OpenDB(connector), nil
}

// quickCheck finds a damaged file before a service writes into it.
func quickCheck(ctx context.Context, pool *sql.DB) error {
	var verdict string
	err := pool.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&verdict)
	if code := sqliteCode(err) & 0xff; code == sqliteNotADB || code == sqliteCorrupt {
		return errCorrupt.Because(err)
	}
	if err != nil {
		return fmt.Errorf("open sqlite: %w", err)
	}
	if verdict != "ok" {
		return errCorrupt.Because(errors.New(verdict))
	}
	return nil
}
