-- What the database's own clock says, in milliseconds UTC: now, and not when the transaction began and
-- had to wait for its turn.
-- part: clock
CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)
