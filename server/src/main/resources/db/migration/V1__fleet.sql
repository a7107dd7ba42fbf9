-- What the control plane remembers. Times are milliseconds since 1970; JSON columns hold what is only read and written as a whole.
-- The row that replaces another must have its revision plus one: the store counts the rows of every conditional update.

create table project (
    name text primary key
) without rowid;

insert into project (name) values ('default');

create table machine (
    id                   text primary key,
    project              text not null references project (name),
    name                 text not null,
    provider             text not null,
    cpus                 integer,
    memory_mib           integer,
    disk_gib             integer,
    labels               text not null,
    trust                text,
    phase                text not null,
    message              text,
    percent              integer,
    problem              text,
    power                text,
    power_wanted         integer not null,
    facts                text not null,
    settings_thumbprint  text,
    settings_certificate text,
    goal_generation      integer not null,
    goal_digest          text not null,
    goal_offered         integer not null,
    goal_applied         integer not null,
    created_at           integer not null,
    enrolled_at          integer,
    last_seen            integer,
    revision             integer not null,
    unique (project, name)
);

create table release (
    extension          text not null,
    -- All four numbers, so that 1.0 and 1.0.0 are the same version.
    version_key        text not null,
    version            text not null,
    handler_manifest   text not null,
    extension_manifest text,
    digest             text not null,
    size               integer not null,
    signature          text not null,
    key_id             text not null,
    state              text not null,
    published_at       integer not null,
    revision           integer not null,
    primary key (extension, version_key)
);

create table installation (
    machine_id         text not null references machine (id),
    name               text not null,
    project            text not null,
    machine            text not null,
    extension          text not null,
    version_constraint text not null,
    version            text not null,
    digest             text not null,
    presence           text not null,
    after_names        text not null,
    sequence           integer not null,
    settings_id        text not null,
    settings           text not null,
    protected_keys     text not null,
    sealed             text,
    sealed_fingerprint text,
    line               text,
    line_settings_id   text not null,
    position           integer not null,
    entered            integer not null,
    changed            integer not null,
    placed_at          integer not null,
    hold_state         text,
    hold_cause         text,
    observed           text,
    created_at         integer not null,
    changed_at         integer not null,
    revision           integer not null,
    primary key (machine_id, name)
) without rowid;

create table enrolment_token (
    hash       text primary key,
    machine_id text not null references machine (id),
    expires_at integer not null,
    key_digest text,
    used_at    integer
) without rowid;

create index enrolment_token_by_machine on enrolment_token (machine_id);

-- Certificates outlive their machine, revoked, so that one that comes back is known.
create table certificate (
    serial     text primary key,
    machine_id text not null,
    key_digest text not null,
    not_before integer not null,
    not_after  integer not null,
    revoked    integer not null
) without rowid;

create index certificate_by_machine on certificate (machine_id);

create table credential (
    hash        text primary key,
    kind        text not null,
    subject     text not null,
    permissions text not null,
    created_at  integer not null,
    expires_at  integer
) without rowid;

create table audit (
    number  integer primary key,
    at      integer not null,
    actor   text not null,
    action  text not null,
    subject text not null,
    detail  text not null,
    hash    text not null
);

create trigger audit_is_never_changed before update on audit
begin
    select raise(abort, 'the audit log is append-only');
end;

create trigger audit_is_never_shortened before delete on audit
begin
    select raise(abort, 'the audit log is append-only');
end;

create table change_event (
    id      integer primary key,
    kind    text not null,
    project text not null,
    machine text not null,
    name    text not null,
    gone    integer not null
);
