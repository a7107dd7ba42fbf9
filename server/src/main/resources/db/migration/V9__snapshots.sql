-- Snapshots of machines' disks; their data lies with the provider. And machines that are to get another disk before they boot.

create table snapshot (
    id                 text primary key,
    machine_id         text not null references machine (id),
    project            text not null,
    machine            text not null,
    wished_consistency text not null,
    wished_full        integer not null,
    longest_chain      integer not null,
    keep               integer,
    state              text not null,
    parent             text,
    depth              integer not null,
    why_full           text,
    running            integer not null,
    disk_bytes         integer not null,
    bytes              integer not null,
    digest             text,
    consistency        text,
    note               text,
    at                 integer,
    checked_at         integer,
    faults             text,
    problem            text,
    created_by         text not null,
    created_at         integer not null,
    ended_at           integer,
    revision           integer not null
) without rowid;

create index snapshot_by_machine on snapshot (machine_id);

-- The snapshot may be another machine's.
create table restore (
    machine_id          text primary key references machine (id),
    id                  text not null,
    project             text not null,
    machine             text not null,
    anew                integer not null,
    reseed              integer not null,
    snapshot_machine_id text,
    snapshot_id         text,
    at                  integer not null
) without rowid;
