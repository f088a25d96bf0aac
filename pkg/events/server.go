package events

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// ServerConfig says where the embedded server keeps its streams.
type ServerConfig struct {
	Dir      string       // on a local disk: a network file system does not keep what it acknowledged
	MaxStore int64        // bytes of all streams together; 0 is 20 GiB: four services' streams, the dead letters, and room
	Log      *slog.Logger // nil: nothing is logged
}

const (
	maxStore = 20 << 30
	// maxMemory serves the throw-away consumers that read a stream's headers, nothing else lives in memory.
	maxMemory = 64 << 20
	// startDeadline covers the recovery of full streams, which reads all their blocks when the index is missing.
	startDeadline = 60 * time.Second
)

// Server is a NATS server with JetStream inside this process; it opens no port.
type Server struct{ nats *server.Server }

// Embedded starts a server that keeps its streams in cfg.Dir and flushes each message to the disk before it acknowledges it.
func Embedded(cfg ServerConfig) (*Server, error) {
	if cfg.Dir == "" {
		return nil, errors.New("embedded event server: no folder given")
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("embedded event server: %w", err)
	}
	if err := forgetHalfMade(os.DirFS(cfg.Dir), cfg.Dir); err != nil {
		return nil, fmt.Errorf("embedded event server: %w", err)
	}
	s, err := server.NewServer(serverOptions(cfg))
	if err != nil {
		return nil, fmt.Errorf("embedded event server: %w", err)
	}
	s.SetLoggerV2(serverLog{orDiscard(cfg.Log)}, false, false, false)
	s.Start()
	if !s.ReadyForConnections(startDeadline) {
		s.Shutdown()
		return nil, fmt.Errorf("embedded event server: not ready after %s", startDeadline)
	}
	started := &Server{nats: s}
	if err := started.release(); err != nil {
		started.Close()
		return nil, fmt.Errorf("embedded event server: %w", err)
	}
	return started, nil
}

func serverOptions(cfg ServerConfig) *server.Options {
	o := &server.Options{
		ServerName:         "maillage",
		DontListen:         true,
		JetStream:          true,
		StoreDir:           cfg.Dir,
		JetStreamMaxStore:  maxStore,
		JetStreamMaxMemory: maxMemory,
		// Without it an acknowledged message waits two minutes for its flush, and a power cut takes the whole stream.
		SyncAlways: true,
		NoSigs:     true, // signals belong to the program, not to its event server
	}
	if cfg.MaxStore > 0 {
		o.JetStreamMaxStore = cfg.MaxStore
	}
	return o
}

// Connect opens a bus to this server through memory.
func (s *Server) Connect(cfg Config) (*Bus, error) {
	return connect(cfg, nats.InProcessServer(s.nats))
}

// Close stops the server once its streams are on disk; close the buses first.
func (s *Server) Close() {
	s.nats.Shutdown()
	s.nats.WaitForShutdown()
}

// serverLog passes the server's own messages on; its notices are for somebody who runs a NATS server, here they are details.
type serverLog struct{ log *slog.Logger }

func (l serverLog) Noticef(format string, v ...any) {
	l.log.Debug("nats: " + fmt.Sprintf(format, v...))
}
func (l serverLog) Warnf(format string, v ...any)  { l.log.Warn("nats: " + fmt.Sprintf(format, v...)) }
func (l serverLog) Errorf(format string, v ...any) { l.log.Error("nats: " + fmt.Sprintf(format, v...)) }
func (l serverLog) Fatalf(format string, v ...any) { l.log.Error("nats: " + fmt.Sprintf(format, v...)) }
func (l serverLog) Debugf(format string, v ...any) { l.log.Debug("nats: " + fmt.Sprintf(format, v...)) }
func (l serverLog) Tracef(string, ...any)          {}

func orDiscard(log *slog.Logger) *slog.Logger {
	if log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return log
}
