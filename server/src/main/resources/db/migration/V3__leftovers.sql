-- What a machine had: the newest few lines of each machine's history. The status is the one of the agent's report, as JSON.
create table removal (
    id         integer primary key,
    machine_id text not null references machine (id),
    project    text not null,
    machine    text not null,
    status     text not null,
    at         integer not null,
    how        text not null
);

create index removal_by_machine on removal (machine_id, id);

-- What is, or may be, on a machine without being wanted here.
create table unmanaged (
    machine_id text not null references machine (id),
    name       text not null,
    project    text not null,
    machine    text not null,
    status     text not null,
    at         integer not null,
    reported   integer not null,
    primary key (machine_id, name)
) without rowid;

-- When the state observed was first reported, and when the newest acknowledged goal was: by the control plane's clock.
alter table installation add column observed_since integer;
alter table machine add column goal_applied_at integer;

-- For changes of a version's state.
create index installation_by_extension on installation (extension);
