-- What was set for one workspace while the arena ran: the last row of a name holds.

CREATE TABLE workspace_settings (
    workspace VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    value VARCHAR NOT NULL,           -- JSON
    set_at TIMESTAMP NOT NULL
);
