package database

import "time"

// Micros is an instant as both engines store it: microseconds since 1970 in UTC, PostgreSQL's own precision, truncated in Go so
// that what is read back equals what was written.
func Micros(t time.Time) int64 { return t.UnixMicro() }

// Time is the instant behind a column of microseconds.
func Time(us int64) time.Time { return time.UnixMicro(us).UTC() }
