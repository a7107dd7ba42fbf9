-- What was detected. A finding outlives the machine it is about, so that its machine is no reference; machine_id is empty for what is
-- about no machine. Severity is a number, so that "this or worse" is a comparison.

create table finding (
    id              text primary key,
    project         text not null,
    machine_id      text not null,
    source          text not null,
    installation    text not null,
    type            text not null,
    subject         text not null,
    machine         text not null,
    extension       text not null,
    severity        integer not null,
    title           text not null,
    evidence        text not null,
    first_seen      integer not null,
    last_seen       integer not null,
    times           integer not null,
    state           text not null,
    since           integer not null,
    acknowledged_by text,
    acknowledged_at integer,
    note            text,
    resolution      text,
    age             integer,
    due_at          integer,
    revision        integer not null
) without rowid;

create unique index finding_identity on finding (project, machine_id, source, installation, type, subject);
create index finding_newest on finding (project, last_seen desc, id desc);
create index finding_due on finding (due_at) where due_at is not null;

-- Up to where each machine's book of findings is stored.
create table finding_position (
    machine_id text primary key,
    epoch      text not null,
    number     integer not null,
    mark       text not null
) without rowid;

-- Who may install may also say that they know of a finding.
update credential set permissions = json_insert(permissions, '$[#]', 'finding-write')
where permissions like '%"installation-write"%' and permissions not like '%"finding-write"%';
