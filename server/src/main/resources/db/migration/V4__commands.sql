-- Run-once commands. What they write lies in files beside the database; the script is emptied as soon as the machine has it.

create table command (
    id            text primary key,
    machine_id    text not null references machine (id),
    project       text not null,
    machine       text not null,
    script        text not null,
    digest        text not null,
    interpreter   text not null,
    run_as        text,
    folder        text not null,
    timeout       integer not null,
    created_by    text not null,
    created_at    integer not null,
    expires_at    integer not null,
    state         text not null,
    cancel_wanted integer not null,
    started_at    integer,
    ended_at      integer,
    exit_code     integer,
    cause         text,
    out_bytes     integer not null,
    err_bytes     integer not null,
    truncated     integer not null,
    revision      integer not null
) without rowid;

create index command_by_machine on command (machine_id);
create index command_waiting on command (expires_at) where state = 'waiting-machine';

-- Who may install may be root on the machine anyway.
update credential set permissions = json_insert(permissions, '$[#]', 'command-run')
where permissions like '%"installation-write"%' and permissions not like '%"command-run"%';
