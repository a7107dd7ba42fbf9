-- Who is sent events, and the messages that were not delivered yet. The secret is sealed under the master key, bound to the id.

create table webhook (
    id             text primary key,
    project        text not null references project (name),
    name           text not null,
    url            text not null,
    events         text not null,
    types          text not null,
    severity       integer not null,
    secret         text not null,
    created_by     text not null,
    created_at     integer not null,
    last_delivered integer,
    failing_since  integer,
    failures       integer not null,
    retry_at       integer,
    last_error     text,
    lost           integer not null,
    revision       integer not null,
    unique (project, name)
) without rowid;

create table delivery (
    number     integer primary key autoincrement,
    id         text not null unique,
    webhook_id text not null references webhook (id),
    body       text not null,
    created_at integer not null,
    attempts   integer not null,
    due        integer not null,
    revision   integer not null
);

create index delivery_of_webhook on delivery (webhook_id, number);
