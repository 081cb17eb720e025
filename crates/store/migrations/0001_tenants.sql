-- Times are RFC 3339 in UTC with exactly three decimals of a second, so that text order is time order.
-- allowed_routes is a JSON array of strings, metadata a JSON object.
CREATE TABLE tenants (
    customer_api_id TEXT NOT NULL PRIMARY KEY,
    name            TEXT,
    enabled         INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    ts_create       TEXT NOT NULL,
    ts_update       TEXT NOT NULL,
    allowed_routes  TEXT NOT NULL,
    metadata        TEXT NOT NULL
) STRICT;

-- One row for each secret that may still be accepted: the current one has no valid_until.
CREATE TABLE secrets (
    id              INTEGER NOT NULL PRIMARY KEY,
    customer_api_id TEXT NOT NULL REFERENCES tenants (customer_api_id) ON DELETE CASCADE,
    digest          TEXT NOT NULL,
    ts_create       TEXT NOT NULL,
    valid_until     TEXT
) STRICT;

CREATE INDEX secrets_by_tenant ON secrets (customer_api_id);
CREATE UNIQUE INDEX one_current_secret ON secrets (customer_api_id) WHERE valid_until IS NULL;
