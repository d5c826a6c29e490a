-- Wrong passwords for addresses without an account wait exactly as those of an account do: who tries learns from the waiting no more than from the words.
-- migrate:up
create table iam.sign_in_attempts (
  address_hash bytea primary key check (length(address_hash) = 32), failed_attempts int not null default 1, locked_until timestamptz,
  last_failed_at timestamptz not null default now());
comment on table iam.sign_in_attempts is 'Wrong passwords for addresses that have no account with a password: of the last day, 20,000 addresses at most; reached only through functions';
comment on column iam.sign_in_attempts.address_hash is 'SHA-256 of the address in lower case';
comment on column iam.sign_in_attempts.failed_attempts is 'Wrong passwords in a row';
comment on column iam.sign_in_attempts.locked_until is 'No attempt is looked at before this time';
comment on column iam.sign_in_attempts.last_failed_at is 'When the last one came; a day later it is forgotten';
create index sign_in_attempts_newest on iam.sign_in_attempts (last_failed_at);
alter table iam.sign_in_attempts enable row level security, force row level security;
select ops.let_system_cross('iam.sign_in_attempts');

-- A backup without the accounts' passwords, sessions and identities could not be signed in to.
grant select on iam.user_credentials, iam.sessions, iam.user_identities, iam.sign_in_attempts to lyceum_backup;

alter table iam.user_credentials add column last_failed_at timestamptz;
comment on column iam.user_credentials.last_failed_at is 'When the last wrong password came; a day later it is forgotten';

-- How many wrong passwords in a row there are after one more, and how long to wait after so many: nothing before the fifth, then 2, 4, 8 … seconds, at most 15 minutes.
create function iam.one_more_failure(p_failures int, p_last timestamptz) returns int language sql stable
return case when p_last < now() - interval '1 day' then 1 else p_failures + 1 end;
create function iam.wait_after(p_failures int) returns interval language sql immutable
return case when p_failures >= 5 then make_interval(secs => least(900, power(2, least(p_failures - 4, 10)))) end;

create or replace function iam.note_sign_in(p_user uuid, p_right boolean) returns timestamptz language sql set search_path = pg_catalog, iam as $f$
  update iam.users set last_login_at = now() where id = p_user and p_right;
  update iam.user_credentials set
    failed_attempts = case when p_right then 0 else iam.one_more_failure(failed_attempts, last_failed_at) end,
    locked_until = case when not p_right then now() + iam.wait_after(iam.one_more_failure(failed_attempts, last_failed_at)) end,
    last_failed_at = case when p_right then last_failed_at else now() end
  where user_id = p_user returning locked_until
$f$;
select ops.cross_tenants('iam.note_sign_in(uuid, boolean)');

create function iam.unknown_locked_until(p_address text) returns timestamptz language sql stable set search_path = pg_catalog, iam as $f$
  select a.locked_until from iam.sign_in_attempts a where a.address_hash = sha256(convert_to(lower(p_address), 'UTF8'))
$f$;
select ops.cross_tenants('iam.unknown_locked_until(text)');

-- Counts a wrong password for an address without an account. What is over a day old, and the oldest beyond 20,000, go at the same time, some at a time.
create function iam.note_unknown_sign_in(p_address text) returns timestamptz language sql set search_path = pg_catalog, iam as $f$
  delete from iam.sign_in_attempts where address_hash in (
    select o.address_hash from iam.sign_in_attempts o
    where o.last_failed_at < greatest(now() - interval '1 day',
      (select n.last_failed_at from iam.sign_in_attempts n order by n.last_failed_at desc offset 20000 limit 1))
    order by o.last_failed_at limit 100 for update skip locked);
  insert into iam.sign_in_attempts as a (address_hash) values (sha256(convert_to(lower(p_address), 'UTF8')))
  on conflict (address_hash) do update set
    failed_attempts = iam.one_more_failure(a.failed_attempts, a.last_failed_at),
    locked_until = now() + iam.wait_after(iam.one_more_failure(a.failed_attempts, a.last_failed_at)),
    last_failed_at = now()
  returning locked_until
$f$;
select ops.cross_tenants('iam.note_unknown_sign_in(text)');

-- migrate:down
drop function iam.note_unknown_sign_in(text), iam.unknown_locked_until(text);
create or replace function iam.note_sign_in(p_user uuid, p_right boolean) returns timestamptz language sql set search_path = pg_catalog, iam as $f$
  update iam.users set last_login_at = now() where id = p_user and p_right;
  update iam.user_credentials set
    failed_attempts = case when p_right then 0 else failed_attempts + 1 end,
    locked_until = case when p_right then null when failed_attempts + 1 >= 5
      then now() + make_interval(secs => least(900, power(2, least(failed_attempts - 3, 10)))) else locked_until end
  where user_id = p_user returning locked_until
$f$;
select ops.cross_tenants('iam.note_sign_in(uuid, boolean)');
drop function iam.wait_after(int), iam.one_more_failure(int, timestamptz);
revoke select on iam.user_credentials, iam.sessions, iam.user_identities from lyceum_backup;
alter table iam.user_credentials drop column last_failed_at;
drop table iam.sign_in_attempts;
