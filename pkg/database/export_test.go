package database

import (
	"database/sql/driver"
	"time"
)

// Shorten gives writes another deadline, so that a test need not wait five seconds.
func (db *DB) Shorten(d time.Duration) { db.deadline = d }

// Pipelining wraps a connector to PostgreSQL, so that a test may stand below it.
func Pipelining(c driver.Connector) driver.Connector { return pipelining{c} }
