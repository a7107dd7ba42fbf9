-- Backup repositories: their passwords (sealed under the master key, bound to machine and installation), what is wanted and what is known of
-- them. They outlive their machines, so nothing refers to one. The backups themselves are files.

create table repository (
    machine_id   text not null,
    installation text not null,
    project      text not null references project (name),
    machine      text not null,
    password     text not null,
    secrets      text,
    secret_names text not null,
    policy       text not null,
    status       text not null,
    created_at   integer not null,
    revision     integer not null,
    primary key (machine_id, installation)
) without rowid;

create index repository_of_project on repository (project, machine, installation, machine_id);

-- Who may let people in may also say what is kept of backups.
update credential set permissions = json_insert(permissions, '$[#]', 'backup-write')
where permissions like '%"access-write"%' and permissions not like '%"backup-write"%';
