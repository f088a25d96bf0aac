package database

import "time"

// Shorten gives writes another deadline, so that a test need not wait five seconds.
func (db *DB) Shorten(d time.Duration) { db.deadline = d }
