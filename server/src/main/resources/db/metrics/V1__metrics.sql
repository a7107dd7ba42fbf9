-- Names and labels, shared by all machines that have such a series.
create table series_key (
    id     integer primary key autoincrement,
    name   text not null,
    labels text not null,  -- JSON, sorted
    unique (name, labels)
);

create table source (
    id      integer primary key autoincrement,  -- never used again, so that late work for a deleted machine finds nothing
    machine text not null unique
);

-- What a machine has. The newest sample here is the newest that is in a block; newer ones are in fresh.
create table series (
    source integer not null,
    key    integer not null,
    kind   integer not null,  -- 0 counter, 1 gauge
    newest integer not null,  -- milliseconds
    value  real,              -- null: not a number
    primary key (source, key)
) without rowid;

-- Batches as they came, until they are packed: samples of one machine in one span of two hours.
create table fresh (
    source integer not null,
    bucket integer not null,  -- two hours since 1970
    number integer not null,
    body   blob not null,
    primary key (source, bucket, number)
) without rowid;

-- tier 0: samples, bucket = two hours since 1970; tier 1: spans of five minutes, 2: of an hour, bucket = days since 1970.
create table block (
    source integer not null,
    tier   integer not null,
    bucket integer not null,
    body   blob not null,
    primary key (source, tier, bucket)
);

-- Days whose samples are newer than their tiers.
create table stale_day (
    source integer not null,
    day    integer not null,
    primary key (source, day)
) without rowid;
