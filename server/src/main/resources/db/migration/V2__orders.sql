-- What an installation is carried out under: the newest order, deadlines, expiry. JSON, because it is only read and written as a whole.
alter table installation add column conditions text not null default '{}';
-- The generation in which the newest order came into the goal.
alter table installation add column ordered integer not null default 0;
