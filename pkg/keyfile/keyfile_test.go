package keyfile

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func TestProcessesThatStartTogetherGetOneKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "key.pem")
	var all sync.WaitGroup
	keys := make([]string, 16)
	for i := range keys {
		all.Go(func() {
			key, err := Ed25519(path)
			if err != nil {
				t.Error(err)
			}
			keys[i] = string(key)
		})
	}
	all.Wait()
	for _, key := range keys {
		if key == "" || key != keys[0] {
			t.Fatal("two processes have two keys")
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".key-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestWhatIsNoKeyIsRefusedAndKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(path, []byte("not a key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Ed25519(path); err == nil {
		t.Error("accepted")
	}
	if text, _ := os.ReadFile(path); string(text) != "not a key" {
		t.Errorf("the file now holds %q", text)
	}
}
