-- What the database's own clock says, in milliseconds UTC.
-- part: clock
CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
