package database

import "database/sql/driver"

// KeptStatements is how many statements a connection keeps.
const KeptStatements = keptStatements

// Anonymous is a text as SQLite is given it.
func Anonymous(text string) string { return anonymous(text) }

// SQLiteConn is what a connection under Keeping has to be.
type SQLiteConn = sqliteConn

// Keeping wraps a connector, so that a test may stand below it.
func Keeping(c driver.Connector) driver.Connector { return keeping{c} }
