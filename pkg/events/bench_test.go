package events_test

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/classcode/maillage/pkg/testkit"
)

// BenchmarkRelay reports what the relay publishes in relation to what the broker acknowledges for the same messages: 0.8 is the aim.
func BenchmarkRelay(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			cfg := testkit.SQLite(b)
			if engine == "postgres" {
				cfg = testkit.Postgres(b)
			}
			db := testkit.Open(b, cfg, nil)
			const n = 10_000
			var alone, relayed time.Duration
			for b.Loop() {
				emit(b, db, n)
				// Two servers, on disk, whose flushes are what both wait for; a stream of its own, since the relay reads its stream first.
				idle, _ := connect(b, serve(b, b.TempDir()))
				provision(b, idle)
				bus, _ := connect(b, serve(b, b.TempDir()))
				provision(b, bus)
				msgs := make([]*nats.Msg, n)
				for i := range msgs {
					e := place(i)
					msgs[i] = &nats.Msg{Subject: e.Subject, Data: make([]byte, 12), Header: nats.Header{
						"Nats-Msg-Id": {e.ID}, "ce-id": {e.ID}, "ce-time": {e.Time.Format(time.RFC3339Nano)}, "ce-type": {e.Subject},
						"ce-source": {"/maillage/mesh"}, "ce-dataschema": {"google.protobuf.StringValue"}, "ce-subject": {e.Aggregate},
						"ce-specversion": {"1.0"}, "ce-aggregateversion": {"1"}, "content-type": {"application/protobuf"}}}
				}
				began := time.Now()
				if _, err := idle.Publish(b.Context(), stream, msgs); err != nil {
					b.Fatal(err)
				}
				alone += time.Since(began)
				began = time.Now()
				stop := start(b, newRelay(db, bus, nil).Run)
				s, err := bus.JetStream().Stream(b.Context(), stream)
				if err != nil {
					b.Fatal(err)
				}
				testkit.Poll(b, time.Minute, func() bool {
					info, err := s.Info(b.Context())
					return err == nil && info.State.Msgs == n
				}, "the relay")
				relayed += time.Since(began)
				stop()
			}
			b.ReportMetric(alone.Seconds()/relayed.Seconds(), "ratio")
			b.ReportMetric(float64(b.N*n)/relayed.Seconds(), "events/s")
		})
	}
}
