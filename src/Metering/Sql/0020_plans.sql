-- Plans with their limits, limits of one tenant that go before its plan's, and what holds tenants to them.
-- migrate:up
create table metering.subscription_plans (
  tenant_id uuid, id uuid not null, code text not null check (code ~ '^[a-z][a-z0-9_]{0,49}$'), name text not null check (length(name) between 1 and 100),
  is_active boolean not null default true, created_at timestamptz, updated_at timestamptz);
comment on table metering.subscription_plans is 'Plans a tenant can be on; they belong to the platform tenant';
comment on column metering.subscription_plans.code is 'Stable name, kept on the tenant as plan_code';
comment on column metering.subscription_plans.name is 'Name people see';
comment on column metering.subscription_plans.is_active is 'Whether a tenant can be put on it; those on it stay';
select ops.make_tenant_table('metering.subscription_plans', shared => true);
create unique index subscription_plans_code on metering.subscription_plans (tenant_id, code);

create table metering.plan_limits (
  tenant_id uuid, id uuid not null, plan_id uuid not null,
  quota_code text not null check (quota_code in ('max_members', 'max_teams', 'max_api_keys', 'max_collections', 'max_documents', 'max_storage_bytes',
    'requests_per_minute', 'concurrent_runs', 'tokens_per_month')),
  limit_value bigint check (limit_value >= 0), created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, plan_id) references metering.subscription_plans (tenant_id, id) on delete cascade);
comment on table metering.plan_limits is 'What a plan allows; what it does not name is not limited';
comment on column metering.plan_limits.plan_id is 'The plan';
comment on column metering.plan_limits.quota_code is 'What is limited';
comment on column metering.plan_limits.limit_value is 'How much of it; null for any amount, 0 for none';
select ops.make_tenant_table('metering.plan_limits', shared => true);
create unique index plan_limits_pair on metering.plan_limits (tenant_id, plan_id, quota_code);

create table metering.tenant_quotas (
  tenant_id uuid, id uuid not null,
  quota_code text not null check (quota_code in ('max_members', 'max_teams', 'max_api_keys', 'max_collections', 'max_documents', 'max_storage_bytes',
    'requests_per_minute', 'concurrent_runs', 'tokens_per_month')),
  limit_value bigint check (limit_value >= 0), expires_at timestamptz, reason text check (length(reason) <= 500), created_at timestamptz, updated_at timestamptz);
comment on table metering.tenant_quotas is 'Limits of one tenant, which go before its plan''s; set by administrators of the installation';
comment on column metering.tenant_quotas.quota_code is 'What is limited';
comment on column metering.tenant_quotas.limit_value is 'How much of it; null for any amount, 0 for none';
comment on column metering.tenant_quotas.expires_at is 'When the plan''s limit counts again; null for never';
comment on column metering.tenant_quotas.reason is 'Why it differs from the plan';
select ops.make_tenant_table('metering.tenant_quotas');
create unique index tenant_quotas_code on metering.tenant_quotas (tenant_id, quota_code);
-- Nobody sets their own limits.
revoke insert, update, delete on metering.subscription_plans, metering.plan_limits, metering.tenant_quotas from lyceum_app;
select ops.let_system_cross('metering.subscription_plans', 'select');
select ops.let_system_cross('metering.plan_limits', 'select');
select ops.let_system_cross('metering.tenant_quotas');

create unlogged table metering.rate_limit_counters (
  tenant_id uuid, scope_type text not null check (scope_type = 'tenant'), window_start timestamptz not null, requests int not null, primary key (tenant_id, scope_type));
comment on table metering.rate_limit_counters is 'Requests of tenants with a limit in the minute that runs';
comment on column metering.rate_limit_counters.scope_type is 'Whose requests are counted';
comment on column metering.rate_limit_counters.window_start is 'The minute';
comment on column metering.rate_limit_counters.requests is 'Requests let through in it';
select ops.make_tenant_table('metering.rate_limit_counters');

grant create on schema metering to lyceum_system;

-- Every limit that counts for a tenant now. A plan nobody knows limits nothing.
create function metering.limits_of(p_tenant uuid) returns table (quota_code text, limit_value bigint, plan_value bigint, is_override boolean, expires_at timestamptz, reason text)
language sql stable set search_path = pg_catalog, metering as $f$
  select coalesce(q.quota_code, l.quota_code), case when q.quota_code is not null then q.limit_value else l.limit_value end, l.limit_value, q.quota_code is not null, q.expires_at, q.reason
  from (select * from metering.tenant_quotas where tenant_id = p_tenant and (expires_at is null or expires_at > now())) q
  full join (
    select pl.quota_code, pl.limit_value from iam.tenants t join metering.subscription_plans p on p.tenant_id = ops.platform_tenant() and p.code = t.plan_code
    join metering.plan_limits pl on pl.tenant_id = p.tenant_id and pl.plan_id = p.id where t.id = p_tenant) l on l.quota_code = q.quota_code
$f$;

-- The limit, held until the transaction ends so that nobody else adds meanwhile; null, and nothing held, when there is none.
create function metering.hold_limit(p_tenant uuid, p_quota text) returns bigint language plpgsql volatile set search_path = pg_catalog, metering as $f$
begin
  if not exists (select from metering.limits_of(p_tenant) l where l.quota_code = p_quota and l.limit_value is not null) then
    return null;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('quota:' || p_tenant || ':' || p_quota, 0));
  -- It may have changed while this waited.
  return (select l.limit_value from metering.limits_of(p_tenant) l where l.quota_code = p_quota);
end $f$;

-- Refuses in words for people. The code is the answer's status, the constraint the problem's code, the datatype what else programs read.
create function metering.refuse_quota(p_quota text, p_used bigint, p_limit bigint, p_retry int default null) returns void language plpgsql set search_path = pg_catalog as $f$
declare
  words text; hint text := 'Ask the administrator of the installation for a larger limit.'; status text := 'LY403';
begin
  case p_quota
    when 'max_members' then
      words := format('Your organisation has %s of at most %s members, invitations counted.', p_used, p_limit);
      hint := 'Remove somebody or revoke an invitation, or ask the administrator of the installation for a larger limit.';
    when 'max_teams' then words := format('Your organisation has %s of at most %s teams.', p_used, p_limit);
    when 'max_api_keys' then
      words := format('Your organisation has %s of at most %s API keys.', p_used, p_limit);
      hint := 'Revoke one that is not needed, or ask the administrator of the installation for a larger limit.';
    when 'max_collections' then words := format('Your organisation has %s of at most %s collections.', p_used, p_limit);
    when 'max_documents' then
      words := format('Your organisation has %s of at most %s documents.', p_used, p_limit);
      hint := 'Delete some, or ask the administrator of the installation for a larger limit.';
    when 'max_storage_bytes' then
      status := 'LY413';
      words := format('Your organisation stores %s of at most %s.', pg_size_pretty(p_used), pg_size_pretty(p_limit));
      hint := 'Delete documents, send a smaller file, or ask the administrator of the installation for more room.';
    when 'requests_per_minute' then
      status := 'LY429';
      words := format('Your organisation may make %s requests a minute, and made %s.', p_limit, p_used);
      hint := format('Try again in %s seconds.', p_retry);
    when 'concurrent_runs' then
      status := 'LY429';
      words := format('Your organisation has %s of at most %s answers under way.', p_used, p_limit);
      hint := 'Wait until one is done, or stop one.';
    when 'tokens_per_month' then
      status := 'LY429';
      words := format('Your organisation used %s of its %s tokens of this month.', p_used, p_limit);
      hint := 'The month begins anew on its first day (UTC). Ask the administrator of the installation for a larger limit.';
  end case;
  raise exception using errcode = status, message = words, hint = hint, constraint = 'quota_exceeded',
    datatype = jsonb_build_object('quota', p_quota, 'used', p_used, 'limit', p_limit, 'retryAfter', p_retry)::text;
end $f$;

-- Holds what rows of a table count for to the limit: the quota, and which of its rows count. For tables of rooms below this one.
create function metering.hold_rows() returns trigger language plpgsql set search_path = pg_catalog, metering as $f$
declare
  most bigint := metering.hold_limit(new.tenant_id, tg_argv[0]); used bigint;
begin
  if most is not null then
    execute format('select count(*) from %s where tenant_id = $1 and %s', tg_relid::regclass, tg_argv[1]) into used using new.tenant_id;
    if used > most then
      perform metering.refuse_quota(tg_argv[0], used - 1, most);
    end if;
  end if;
  return null;
end $f$;
-- Each pending invitation of somebody who is no member yet keeps a place.
create function metering.hold_places() returns trigger language plpgsql set search_path = pg_catalog, metering, public as $f$
declare
  most bigint := metering.hold_limit(new.tenant_id, 'max_members'); used bigint;
begin
  if most is not null then
    select (select count(*) from iam.tenant_members m where m.tenant_id = new.tenant_id and m.status = 'active' and m.deleted_at is null)
      + (select count(distinct i.email) from iam.invitations i where i.tenant_id = new.tenant_id and i.status = 'pending' and i.expires_at > now() and i.deleted_at is null
        and not exists (select from iam.tenant_members m join iam.users u on u.id = m.user_id where m.tenant_id = i.tenant_id and m.status = 'active' and m.deleted_at is null and u.email = i.email))
    into used;
    if used > most then
      perform metering.refuse_quota('max_members', used - 1, most);
    end if;
  end if;
  return null;
end $f$;
-- Their names come before "audit": locks are taken in one order everywhere, and the end of the audit chain last.
create trigger allowance after insert on iam.tenant_members for each row when (new.status = 'active' and new.deleted_at is null)
  execute function metering.hold_rows('max_members', 'status = ''active'' and deleted_at is null');
create trigger allowance_again after update of status, deleted_at on iam.tenant_members for each row
  when (new.status = 'active' and new.deleted_at is null and (old.status <> 'active' or old.deleted_at is not null))
  execute function metering.hold_rows('max_members', 'status = ''active'' and deleted_at is null');
create trigger allowance after insert on iam.invitations for each row when (new.status = 'pending') execute function metering.hold_places();
-- Personal teams come with their members and are held with them.
create trigger allowance after insert on iam.teams for each row when (new.kind <> 'personal' and new.deleted_at is null)
  execute function metering.hold_rows('max_teams', 'kind <> ''personal'' and deleted_at is null');
create trigger allowance_again after update of kind, deleted_at on iam.teams for each row
  when (new.kind <> 'personal' and new.deleted_at is null and (old.kind = 'personal' or old.deleted_at is not null))
  execute function metering.hold_rows('max_teams', 'kind <> ''personal'' and deleted_at is null');
create trigger allowance after insert on iam.api_keys for each row when (new.status = 'active' and new.deleted_at is null)
  execute function metering.hold_rows('max_api_keys', 'status = ''active'' and deleted_at is null and (expires_at is null or expires_at > now())');
create trigger allowance_again after update of status, deleted_at, expires_at on iam.api_keys for each row
  when (new.status = 'active' and new.deleted_at is null and (old.status <> 'active' or old.deleted_at is not null or old.expires_at <= now()))
  execute function metering.hold_rows('max_api_keys', 'status = ''active'' and deleted_at is null and (expires_at is null or expires_at > now())');

-- A tenant is put on plans that there are.
create function metering.check_plan() returns trigger language plpgsql set search_path = pg_catalog, metering as $f$
begin
  if not exists (select from metering.subscription_plans p where p.tenant_id = ops.platform_tenant() and p.code = new.plan_code and p.is_active) then
    raise exception using errcode = 'LY400', message = format('There is no plan ''%s''.', left(new.plan_code, 50)), hint = 'See the plans at /api/v1/platform/plans.',
      constraint = 'unknown_plan';
  end if;
  return new;
end $f$;
create trigger plan before insert or update of plan_code on iam.tenants for each row when (new.plan_code is not null) execute function metering.check_plan();
create trigger tell_plan after update of plan_code on iam.tenants for each row when (old.plan_code is distinct from new.plan_code) execute function iam.tell_access();

-- Puts these limits of a tenant in the place of all it had. False when there is no such tenant.
create function metering.set_quotas(p_tenant uuid, p_quotas text[], p_limits bigint[], p_ends timestamptz[], p_reasons text[]) returns boolean
language plpgsql set search_path = pg_catalog, metering as $f$
begin
  if not exists (select from iam.tenants t where t.id = p_tenant and t.id <> ops.platform_tenant() for update) then
    return false;
  end if;
  delete from metering.tenant_quotas where tenant_id = p_tenant;
  insert into metering.tenant_quotas (tenant_id, id, quota_code, limit_value, expires_at, reason)
    select p_tenant, ops.uuid7(), q, l, e, r from unnest(p_quotas, p_limits, p_ends, p_reasons) u(q, l, e, r);
  perform pg_notify('lyceum', 'access');
  return true;
end $f$;
select ops.cross_tenants('metering.set_quotas(uuid, text[], bigint[], timestamptz[], text[])');

insert into metering.subscription_plans (tenant_id, id, code, name) values
  (ops.platform_tenant(), '00000000-0000-7000-8000-000000000201', 'free', 'Free'), (ops.platform_tenant(), '00000000-0000-7000-8000-000000000202', 'starter', 'Starter'),
  (ops.platform_tenant(), '00000000-0000-7000-8000-000000000203', 'pro', 'Pro'), (ops.platform_tenant(), '00000000-0000-7000-8000-000000000204', 'enterprise', 'Enterprise');
insert into metering.plan_limits (tenant_id, id, plan_id, quota_code, limit_value)
  select ops.platform_tenant(), ops.uuid7(), p.id, l.quota, l.most from (values
    ('free', 'max_members', 5), ('free', 'max_teams', 3), ('free', 'max_api_keys', 5), ('free', 'max_collections', 5), ('free', 'max_documents', 500),
    ('free', 'max_storage_bytes', 1073741824), ('free', 'requests_per_minute', 300), ('free', 'concurrent_runs', 3), ('free', 'tokens_per_month', 1000000),
    ('starter', 'max_members', 25), ('starter', 'max_teams', 10), ('starter', 'max_api_keys', 25), ('starter', 'max_collections', 50), ('starter', 'max_documents', 10000),
    ('starter', 'max_storage_bytes', 21474836480), ('starter', 'requests_per_minute', 1500), ('starter', 'concurrent_runs', 10), ('starter', 'tokens_per_month', 20000000),
    ('pro', 'max_members', 250), ('pro', 'max_teams', 100), ('pro', 'max_api_keys', 250), ('pro', 'max_collections', 500), ('pro', 'max_documents', 200000),
    ('pro', 'max_storage_bytes', 536870912000), ('pro', 'requests_per_minute', 10000), ('pro', 'concurrent_runs', 50), ('pro', 'tokens_per_month', 500000000)) l(plan, quota, most)
  join metering.subscription_plans p on p.tenant_id = ops.platform_tenant() and p.code = l.plan;

-- migrate:down
drop function metering.set_quotas(uuid, text[], bigint[], timestamptz[], text[]);
drop trigger tell_plan on iam.tenants;
drop trigger plan on iam.tenants;
drop trigger allowance_again on iam.api_keys;
drop trigger allowance on iam.api_keys;
drop trigger allowance_again on iam.teams;
drop trigger allowance on iam.teams;
drop trigger allowance on iam.invitations;
drop trigger allowance_again on iam.tenant_members;
drop trigger allowance on iam.tenant_members;
drop function metering.check_plan(), metering.hold_places(), metering.hold_rows(), metering.refuse_quota(text, bigint, bigint, int), metering.hold_limit(uuid, text),
  metering.limits_of(uuid);
drop table metering.rate_limit_counters, metering.tenant_quotas, metering.plan_limits, metering.subscription_plans;
revoke create on schema metering from lyceum_system;
