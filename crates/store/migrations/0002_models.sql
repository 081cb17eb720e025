-- A saved model belongs to a tenant or to one of the built-in callers: owner is the tenant's id, 'operator' or 'open'.
-- customer_api_id repeats it where it is a tenant's, so that a tenant's models go with the tenant.
-- model_id is derived from content, so that one model is one row however often it is saved.
-- The content comes last: SQLite then lists models without reading it.
CREATE TABLE models (
    id              INTEGER NOT NULL PRIMARY KEY,
    owner           TEXT NOT NULL,
    customer_api_id TEXT REFERENCES tenants (customer_api_id) ON DELETE CASCADE,
    model_id        TEXT NOT NULL,
    route           TEXT NOT NULL,
    format          INTEGER NOT NULL,
    n_rows          INTEGER NOT NULL,
    summary         TEXT NOT NULL,
    ts_create       TEXT NOT NULL,
    content         BLOB NOT NULL,
    UNIQUE (owner, model_id),
    CHECK (customer_api_id IS NULL OR customer_api_id = owner)
) STRICT;

CREATE INDEX models_by_tenant ON models (customer_api_id);
