package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"sync"
)

// folder keeps each mail as a file that is named by its id: sent twice, it is one file.
type folder struct {
	dir  string
	from Address
	say  func() // once, where mails go
}

func openFolder(dir string, from Address, log *slog.Logger) (*folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("--mail-folder: %w", err)
	}
	say := sync.OnceFunc(func() { log.Warn("no mail server: mails are kept as files", "folder", dir) })
	return &folder{dir, from, say}, nil
}

// From implements Sender.
func (f *folder) From() Address { return f.from }

var fileName = regexp.MustCompile(`^[A-Za-z0-9-]{1,100}$`)

// Send implements Sender.
func (f *folder) Send(_ context.Context, m Message) error {
	if !fileName.MatchString(m.ID) {
		return fmt.Errorf("mail: the id %q cannot name a file", m.ID)
	}
	f.say()
	composed, err := compose(m, f.from)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(f.dir, ".mail-*") // mode 0600; nobody reads half a mail
	if err != nil {
		return fmt.Errorf("mail folder: %w", err)
	}
	defer func() { _ = os.Remove(file.Name()) }()
	_, err = composed.WriteTo(file)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("mail folder: %w", err)
	}
	return os.Rename(file.Name(), filepath.Join(f.dir, m.ID+".eml"))
}
