-- What API keys are bound to, limited by and replaced with.
-- migrate:up
alter table iam.api_keys add column previous_prefix text, add column previous_hash bytea, add column previous_until timestamptz,
  add column requests_per_minute int check (requests_per_minute >= 0), add column tokens_per_minute int check (tokens_per_minute >= 0),
  add check ((previous_prefix is null) = (previous_hash is null) and (previous_prefix is null) = (previous_until is null));
comment on column iam.api_keys.previous_prefix is 'Beginning of the key before the last rotation, while it still opens';
comment on column iam.api_keys.previous_hash is 'SHA-256 of that key';
comment on column iam.api_keys.previous_until is 'Until when it opens';
comment on column iam.api_keys.requests_per_minute is 'Requests it may make in a minute; null for any number, 0 for none';
comment on column iam.api_keys.tokens_per_minute is 'Tokens of models it may use in a minute; null for any number, 0 for none';
create unique index api_keys_previous on iam.api_keys (previous_prefix) where previous_prefix is not null;

-- Requests of the running minute. Worth nothing after a crash, so it is not written to the log.
create unlogged table iam.api_key_windows (
  tenant_id uuid, api_key_id uuid not null, window_start timestamptz not null, requests int not null, primary key (tenant_id, api_key_id),
  foreign key (tenant_id, api_key_id) references iam.api_keys (tenant_id, id) on delete cascade);
comment on table iam.api_key_windows is 'Requests of keys with a limit in the minute that runs';
comment on column iam.api_key_windows.api_key_id is 'The key';
comment on column iam.api_key_windows.window_start is 'The minute';
comment on column iam.api_key_windows.requests is 'Requests let through in it';
select ops.make_tenant_table('iam.api_key_windows');

-- Whose key begins like this, the present one or the one before it while that still opens. The caller compares the hash in
-- constant time. No row where the owner, their membership or the tenant's row is gone.
drop function iam.resolve_api_key(text);
create function iam.resolve_api_key(p_prefix text) returns table (
  key_id uuid, key_hash bytea, user_id uuid, tenant_id uuid, label text, kind text, status text, expires_at timestamptz, scopes text[],
  team_id uuid, agent_id uuid, collection_id uuid, tenant_status text, permissions text[], team_ids uuid[], last_used_at timestamptz,
  requests_per_minute int, tokens_per_minute int)
language sql stable set search_path = pg_catalog, iam, public as $f$
  select k.id, case when k.key_prefix = p_prefix then k.key_hash else k.previous_hash end, u.id, k.tenant_id, k.name || ' (' || u.display_name || ')',
    k.key_kind, k.status, k.expires_at, k.scopes, k.team_id, k.agent_id, k.collection_id, t.status,
    case when k.team_id is null then iam.permissions_of(k.tenant_id, u.id)
      when k.team_id = any (iam.teams_of(k.tenant_id, u.id)) then iam.permissions_in(k.tenant_id, u.id, k.team_id)
      else '{}'::text[] end, -- its owner left the team, or the team is deleted
    case when k.team_id is null then iam.teams_of(k.tenant_id, u.id)
      else array(select team from unnest(iam.teams_of(k.tenant_id, u.id)) team where team = k.team_id) end, k.last_used_at,
    k.requests_per_minute, k.tokens_per_minute
  from iam.api_keys k
  join iam.users u on u.id = k.user_id and u.is_active and u.deleted_at is null
  join iam.tenants t on t.id = k.tenant_id
  join iam.tenant_members m on m.tenant_id = t.id and m.user_id = u.id and m.status = 'active' and m.deleted_at is null
  where (k.key_prefix = p_prefix or (k.previous_prefix = p_prefix and k.previous_until > now())) and k.deleted_at is null
$f$;
select ops.cross_tenants('iam.resolve_api_key(text)');

insert into iam.permissions (key, area, description) values ('iam.keys.manage_all', 'iam', 'See and revoke everybody''s API keys');
insert into iam.role_permissions (tenant_id, id, role_id, permission_key)
  select ops.platform_tenant(), ops.uuid7(), r.id, 'iam.keys.manage_all' from iam.roles r where r.tenant_id = ops.platform_tenant() and r.key = 'tenant_admin';

-- migrate:down
delete from iam.role_permissions where permission_key = 'iam.keys.manage_all';
delete from iam.permissions where key = 'iam.keys.manage_all';
drop function iam.resolve_api_key(text);
drop table iam.api_key_windows;
alter table iam.api_keys drop column previous_prefix, drop column previous_hash, drop column previous_until, drop column requests_per_minute, drop column tokens_per_minute;
-- As it was before.
create function iam.resolve_api_key(p_prefix text) returns table (
  key_id uuid, key_hash bytea, user_id uuid, tenant_id uuid, label text, kind text, status text, expires_at timestamptz, scopes text[],
  team_id uuid, agent_id uuid, collection_id uuid, tenant_status text, permissions text[], team_ids uuid[], last_used_at timestamptz)
language sql stable set search_path = pg_catalog, iam, public as $f$
  select k.id, k.key_hash, u.id, k.tenant_id, k.name || ' (' || u.display_name || ')', k.key_kind, k.status, k.expires_at, k.scopes,
    k.team_id, k.agent_id, k.collection_id, t.status,
    case when k.team_id is null then iam.permissions_of(k.tenant_id, u.id)
      when k.team_id = any (iam.teams_of(k.tenant_id, u.id)) then iam.permissions_in(k.tenant_id, u.id, k.team_id)
      else '{}'::text[] end, -- its owner left the team, or the team is deleted
    case when k.team_id is null then iam.teams_of(k.tenant_id, u.id)
      else array(select team from unnest(iam.teams_of(k.tenant_id, u.id)) team where team = k.team_id) end, k.last_used_at
  from iam.api_keys k
  join iam.users u on u.id = k.user_id and u.is_active and u.deleted_at is null
  join iam.tenants t on t.id = k.tenant_id
  join iam.tenant_members m on m.tenant_id = t.id and m.user_id = u.id and m.status = 'active' and m.deleted_at is null
  where k.key_prefix = p_prefix and k.deleted_at is null
$f$;
select ops.cross_tenants('iam.resolve_api_key(text)');
