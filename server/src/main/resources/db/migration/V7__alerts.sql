-- Alerts: rules that operators wrote, what each rule said of each series, and times in which nobody is told.

create table alert_rule (
    project    text not null,
    name       text not null,
    body       text not null,
    changed_at integer not null,
    changed_by text not null,
    revision   integer not null,
    primary key (project, name)
) without rowid;

create table alert (
    project    text not null,
    rule       text not null,
    machine_id text not null,
    labels     text not null,
    phase      text not null,
    since      integer not null,
    fired_at   integer,
    held_at    integer not null,
    seen_at    integer not null,
    value      real not null,
    told       text,
    revision   integer not null,
    primary key (project, rule, machine_id, labels)
) without rowid;

create table silence (
    id         text primary key,
    project    text not null,
    matchers   text not null,
    begins_at  integer not null,
    ends_at    integer not null,
    comment    text not null,
    created_by text not null,
    created_at integer not null
) without rowid;

create index silence_by_project on silence (project);

-- Who may let people in may also say what they are woken for.
update credential set permissions = json_insert(permissions, '$[#]', 'alert-write')
where permissions like '%"access-write"%' and permissions not like '%"alert-write"%';
