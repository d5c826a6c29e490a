-- What the administrators of the installation do: tenants from their making to their purge, accounts everywhere, acting in somebody's name.
-- migrate:up
-- A tenant changes what it says of itself; its status and plan are the installation's.
revoke update on iam.tenants from lyceum_app;
grant update (name, contact_email, contact_name, settings) on iam.tenants to lyceum_app;
alter table iam.tenants add check (octet_length(settings::text) <= 50000), add check (octet_length(metadata::text) <= 50000);

alter table iam.sessions add column impersonator_id uuid references iam.users (id) on delete cascade, add column impersonation_reason text check (length(impersonation_reason) <= 500);
comment on column iam.sessions.impersonator_id is 'Administrator of the installation who acts in the account''s name; null for the person themselves';
comment on column iam.sessions.impersonation_reason is 'Why they do';
create index sessions_impersonator on iam.sessions (impersonator_id);

create function iam.list_tenants(p_tenant uuid, p_query text, p_status text, p_before uuid, p_limit int) returns table (
  id uuid, slug text, name text, status text, plan_code text, contact_email text, contact_name text, settings text, metadata text, member_count bigint,
  created_at timestamptz, suspended_at timestamptz, suspended_reason text, deleted_at timestamptz)
language sql stable set search_path = pg_catalog, iam, public as $f$
  select t.id, t.slug::text, t.name, t.status, t.plan_code, t.contact_email::text, t.contact_name, t.settings::text, t.metadata::text,
    (select count(*) from iam.tenant_members m where m.tenant_id = t.id and m.deleted_at is null), t.created_at, t.suspended_at, t.suspended_reason, t.deleted_at
  from iam.tenants t
  where t.id <> ops.platform_tenant() and t.id < p_before and (p_tenant is null or t.id = p_tenant) and (p_status is null or t.status = p_status)
    and (p_query is null or strpos(lower(t.name), lower(p_query)) > 0 or strpos(lower(t.slug::text), lower(p_query)) > 0)
  order by t.id desc limit least(p_limit, 201)
$f$;
select ops.cross_tenants('iam.list_tenants(uuid, text, text, uuid, int)');

-- Makes a tenant with its administrator and a first team, all or nothing. An account that has the address becomes the administrator; else
-- one is made, with a password or with a link to set one. Answers with the account, or nothing when the short name is taken.
create function iam.provision_tenant(p_tenant uuid, p_slug text, p_name text, p_plan text, p_settings jsonb, p_team uuid,
  p_admin uuid, p_email text, p_admin_name text, p_password_hash text, p_reset_hash bytea, p_reset_seconds int)
returns table (admin uuid, is_new boolean) language plpgsql set search_path = pg_catalog, iam, ops, public as $f$
declare
  before constant text := current_setting('app.current_tenant_id', true);
  account uuid; member uuid := ops.uuid7(); made boolean := false;
begin
  -- The audit rows of what follows belong to the new tenant.
  perform set_config('app.current_tenant_id', p_tenant::text, true);
  insert into iam.tenants (id, slug, name, plan_code, settings, contact_email, contact_name)
    values (p_tenant, p_slug::citext, p_name, p_plan, coalesce(p_settings, '{}'), p_email::citext, p_admin_name)
    on conflict (slug) where deleted_at is null do nothing;
  if not found then
    perform set_config('app.current_tenant_id', coalesce(before, ''), true);
    return;
  end if;
  select u.id into account from iam.users u where u.email = p_email::citext and u.deleted_at is null;
  if account is null then
    account := p_admin; made := true;
    insert into iam.users (id, email, display_name) values (account, p_email::citext, p_admin_name);
    insert into iam.user_credentials (id, user_id, password_hash, reset_token_hash, reset_expires_at)
      values (ops.uuid7(), account, coalesce(p_password_hash, '!'), p_reset_hash, case when p_reset_hash is not null then now() + make_interval(secs => p_reset_seconds) end);
  end if;
  insert into iam.tenant_members (tenant_id, id, user_id, role_tenant_id, role_id)
    select p_tenant, ops.uuid7(), account, r.tenant_id, r.id from iam.roles r where r.tenant_id = ops.platform_tenant() and r.key = 'tenant_admin';
  insert into iam.teams (tenant_id, id, name, slug, kind, owner_user_id, created_by) values (p_tenant, p_team, 'Everyone', 'everyone', 'workspace', account, account);
  insert into iam.team_members (tenant_id, id, team_id, user_id, accepted_at) values (p_tenant, member, p_team, account, now());
  insert into iam.team_member_roles (tenant_id, id, team_member_id, role_tenant_id, role_id)
    select p_tenant, ops.uuid7(), member, r.tenant_id, r.id from iam.roles r where r.tenant_id = ops.platform_tenant() and r.key = 'team_owner';
  perform set_config('app.current_tenant_id', coalesce(before, ''), true);
  return query select account, made;
end $f$;
select ops.cross_tenants('iam.provision_tenant(uuid, text, text, text, jsonb, uuid, uuid, text, text, text, bytea, int)');

create function iam.change_tenant(p_tenant uuid, p_name text, p_contact_email text, p_contact_name text, p_plan text, p_settings jsonb, p_metadata jsonb) returns boolean
language plpgsql set search_path = pg_catalog, iam, public as $f$
begin
  update iam.tenants t set name = coalesce(p_name, t.name), contact_email = coalesce(p_contact_email::citext, t.contact_email), contact_name = coalesce(p_contact_name, t.contact_name),
    plan_code = coalesce(p_plan, t.plan_code), settings = jsonb_strip_nulls(t.settings || coalesce(p_settings, '{}')), metadata = jsonb_strip_nulls(t.metadata || coalesce(p_metadata, '{}'))
  where t.id = p_tenant and t.id <> ops.platform_tenant();
  return found;
end $f$;
select ops.cross_tenants('iam.change_tenant(uuid, text, text, text, text, jsonb, jsonb)');

-- suspend, reactivate, delete or restore. Answers ok, missing, wrong_state or slug_taken. What waits begins again at once.
create function iam.set_tenant_status(p_tenant uuid, p_act text, p_reason text) returns text language plpgsql set search_path = pg_catalog, iam, ops as $f$
declare
  tenant iam.tenants;
begin
  select * into tenant from iam.tenants t where t.id = p_tenant and t.id <> ops.platform_tenant() for update;
  if not found then
    return 'missing';
  end if;
  if (p_act, tenant.status) not in (('suspend', 'active'), ('reactivate', 'suspended'), ('delete', 'active'), ('delete', 'suspended'), ('restore', 'deleted')) then
    return 'wrong_state';
  end if;
  if p_act in ('suspend', 'delete') then
    update iam.tenants set status = case p_act when 'suspend' then 'suspended' else 'deleted' end, deleted_at = case when p_act = 'delete' then now() end,
      suspended_at = case when p_act = 'suspend' then now() else suspended_at end, suspended_reason = case when p_act = 'suspend' then left(p_reason, 500) else suspended_reason end
    where id = p_tenant;
    insert into ops.paused_tenants (tenant_id, reason) values (p_tenant, p_act) on conflict (tenant_id) do update set reason = excluded.reason;
    return 'ok';
  end if;
  begin
    update iam.tenants set status = 'active', deleted_at = null, suspended_at = null, suspended_reason = null where id = p_tenant;
  exception when unique_violation then
    return 'slug_taken';
  end;
  delete from ops.paused_tenants where tenant_id = p_tenant;
  perform pg_notify('lyceum', 'jobs:' || queue) from (select distinct j.queue from ops.jobs j where j.tenant_id = p_tenant and j.status = 'pending') q;
  perform pg_notify('lyceum', 'runs');
  return 'ok';
end $f$;
select ops.cross_tenants('iam.set_tenant_status(uuid, text, text)');

create function iam.list_users(p_query text, p_before uuid, p_limit int) returns table (
  id uuid, email text, display_name text, platform_role text, is_active boolean, last_login_at timestamptz, created_at timestamptz, tenants text)
language sql stable set search_path = pg_catalog, iam, public as $f$
  select u.id, u.email::text, u.display_name, u.platform_role, u.is_active, u.last_login_at, u.created_at, (
    select coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'slug', t.slug, 'name', t.name, 'status', t.status) order by t.name), '[]')::text
    from iam.tenant_members m join iam.tenants t on t.id = m.tenant_id where m.user_id = u.id and m.deleted_at is null)
  from iam.users u
  where u.deleted_at is null and u.id < p_before
    and (p_query is null or strpos(lower(u.email::text), lower(p_query)) > 0 or strpos(lower(u.display_name), lower(p_query)) > 0)
  order by u.id desc limit least(p_limit, 201)
$f$;
select ops.cross_tenants('iam.list_users(text, uuid, int)');

-- Switches an account off everywhere, with its sessions, or on again. Answers ok, missing or last_administrator.
create function iam.set_user_active(p_user uuid, p_active boolean) returns text language plpgsql set search_path = pg_catalog, iam as $f$
begin
  perform pg_advisory_xact_lock(hashtext('iam.platform_administrators'));
  if not exists (select from iam.users u where u.id = p_user and u.deleted_at is null) then
    return 'missing';
  end if;
  if not p_active and not exists (select from iam.users u where u.id <> p_user and u.platform_role = 'platform_admin' and u.is_active and u.deleted_at is null) then
    return 'last_administrator';
  end if;
  update iam.users set is_active = p_active where id = p_user;
  if not p_active then
    update iam.sessions set revoked_at = now() where (user_id = p_user or impersonator_id = p_user) and revoked_at is null;
  end if;
  return 'ok';
end $f$;
select ops.cross_tenants('iam.set_user_active(uuid, boolean)');

-- Opens a session of somebody for an administrator of the installation. False when there is no such active member, or they administer the installation too.
create function iam.open_impersonation(p_id uuid, p_administrator uuid, p_user uuid, p_tenant uuid, p_hash bytea, p_seconds int, p_reason text, p_ip inet, p_user_agent text)
returns boolean language plpgsql set search_path = pg_catalog, iam as $f$
begin
  insert into iam.sessions (id, user_id, tenant_id, family_id, refresh_hash, expires_at, ip_address, user_agent, impersonator_id, impersonation_reason)
  select p_id, u.id, t.id, p_id, p_hash, now() + make_interval(secs => least(p_seconds, 3600)), p_ip, left(p_user_agent, 400), p_administrator, left(p_reason, 500)
  from iam.users u join iam.tenant_members m on m.user_id = u.id and m.tenant_id = p_tenant and m.status = 'active' and m.deleted_at is null
  join iam.tenants t on t.id = p_tenant and t.status = 'active'
  where u.id = p_user and u.is_active and u.deleted_at is null and u.platform_role <> 'platform_admin';
  return found;
end $f$;
select ops.cross_tenants('iam.open_impersonation(uuid, uuid, uuid, uuid, bytea, int, text, inet, text)');

-- Who acts in a session that is not the person's own. No row once they may not any more: then the session is over.
create function iam.impersonator_of(p_hash bytea) returns table (id uuid, display_name text) language sql stable set search_path = pg_catalog, iam as $f$
  select a.id, a.display_name from iam.sessions s join iam.users a on a.id = s.impersonator_id and a.is_active and a.deleted_at is null and a.platform_role = 'platform_admin'
  where s.refresh_hash = p_hash and s.revoked_at is null and s.expires_at > now()
$f$;
select ops.cross_tenants('iam.impersonator_of(bytea)');

-- Takes everything that names a person out of an account and closes it for ever; the row stays, since others' rows point at it.
create function iam.erase_account(p_user uuid) returns void language plpgsql set search_path = pg_catalog, iam, public as $f$
begin
  update iam.users set email = ('erased-' || id || '@erased.invalid')::citext, username = null, display_name = 'Erased', first_name = null, last_name = null, avatar_object_id = null,
    avatar_url = null, preferences = '{}', locale = null, email_verified_at = null, last_login_at = null, legacy_ref = null, is_active = false, deleted_at = coalesce(deleted_at, now())
  where id = p_user;
  delete from iam.user_credentials where user_id = p_user;
  delete from iam.sessions where user_id = p_user;
  if to_regclass('iam.user_identities') is not null then
    execute 'delete from iam.user_identities where user_id = $1' using p_user;
  end if;
end $f$;
select ops.cross_tenants('iam.erase_account(uuid)');

-- Erases an account that is a member of nothing any more. Whether it did.
create function iam.erase_account_of_nobody(p_user uuid) returns boolean language plpgsql set search_path = pg_catalog, iam as $f$
begin
  if exists (select from iam.tenant_members m where m.user_id = p_user and m.deleted_at is null)
    or exists (select from iam.users u where u.id = p_user and u.platform_role = 'platform_admin') then
    return false;
  end if;
  perform iam.erase_account(p_user);
  return true;
end $f$;
select ops.cross_tenants('iam.erase_account_of_nobody(uuid)');

-- What a tenant keeps of a member beside memberships: shares with them, invitations of their address, what a directory told, names of keys.
-- Works within the tenant, as the caller. Tables that are not there yet are passed over.
create function iam.erase_member_traces(p_user uuid) returns bigint language plpgsql set search_path = pg_catalog, iam, public as $f$
declare
  address citext; place text; gone bigint := 0; part bigint;
begin
  select u.email into address from iam.users u where u.id = p_user;
  delete from iam.resource_shares where grantee_type = 'user' and grantee_id = p_user;
  get diagnostics part = row_count; gone := gone + part;
  delete from iam.invitations where accepted_by = p_user or email = address;
  get diagnostics part = row_count; gone := gone + part;
  update iam.api_keys set name = '(erased)', last_used_ip = null, metadata = '{}' where user_id = p_user;
  foreach place in array '{scim_users,provider_members,user_idp_groups,directory_group_members}'::text[] loop
    if to_regclass('iam.' || place) is not null then
      execute format('delete from iam.%I where user_id = $1', place) using p_user;
      get diagnostics part = row_count; gone := gone + part;
    end if;
  end loop;
  return gone;
end $f$;

-- Erases the accounts that were members of this tenant and of no other. Returns how many. Called before its rows go.
create function iam.release_accounts(p_tenant uuid) returns int language plpgsql set search_path = pg_catalog, iam as $f$
declare
  account uuid; released int := 0;
begin
  if not exists (select from iam.tenants t where t.id = p_tenant and t.status = 'deleted') then
    raise exception 'Only a deleted tenant can be purged.';
  end if;
  for account in select m.user_id from iam.tenant_members m join iam.users u on u.id = m.user_id and u.platform_role <> 'platform_admin' and u.deleted_at is null
    where m.tenant_id = p_tenant and not exists (select from iam.tenant_members o where o.user_id = m.user_id and o.tenant_id <> p_tenant and o.deleted_at is null) loop
    perform iam.erase_account(account);
    released := released + 1;
  end loop;
  return released;
end $f$;
select ops.cross_tenants('iam.release_accounts(uuid)');

-- Ends a tenant whose rows are gone.
create function iam.forget_tenant(p_tenant uuid) returns void language sql set search_path = pg_catalog, iam, ops as $f$
  delete from iam.sessions where tenant_id = p_tenant;
  delete from iam.tenants where id = p_tenant and status = 'deleted';
  delete from ops.paused_tenants where tenant_id = p_tenant;
$f$;
select ops.cross_tenants('iam.forget_tenant(uuid)');

-- What is left of a tenant in tables that only functions reach.
create function iam.tenant_residue(p_tenant uuid) returns table (name text, rows bigint) language sql stable set search_path = pg_catalog, iam as $f$
  select x.name, x.rows from (
    select 'iam.tenants' as name, (select count(*) from iam.tenants t where t.id = p_tenant) as rows
    union all select 'iam.sessions', (select count(*) from iam.sessions s where s.tenant_id = p_tenant)) x where x.rows > 0
$f$;
select ops.cross_tenants('iam.tenant_residue(uuid)');

-- Whether a team lets this site call the API from a browser: one of these teams of a tenant, or any team at all.
create function iam.origin_allowed(p_origin text, p_tenant uuid, p_teams uuid[]) returns boolean language sql stable set search_path = pg_catalog, iam as $f$
  select exists (select from iam.teams t where (lower(p_origin) = any (select lower(o) from unnest(t.allowed_origins) o) or '*' = any (t.allowed_origins)) and t.deleted_at is null
    and (p_tenant is null or (t.tenant_id = p_tenant and t.id = any (p_teams))))
$f$;
select ops.cross_tenants('iam.origin_allowed(text, uuid, uuid[])');
create index teams_origins on iam.teams (tenant_id) where allowed_origins <> '{}' and deleted_at is null;

-- A secret that is stored with what it is for is part of that act.
select iam.audit_by_act('ops.secrets', 'secret');

create temporary table granted (key text, area text, description text, lowest text) on commit drop;
insert into granted values ('iam.tenant.manage', 'iam', 'Change what the organisation says of itself', 'tenant_admin'),
  ('iam.members.export', 'iam', 'Export what is known of a member, and erase it', 'tenant_admin');
insert into iam.permissions select key, area, description from granted;
insert into iam.role_permissions (tenant_id, id, role_id, permission_key)
  select ops.platform_tenant(), ops.uuid7(), r.id, g.key from granted g join iam.roles r on r.tenant_id = ops.platform_tenant() and r.key = g.lowest;

-- migrate:down
drop trigger act on ops.secrets;
drop trigger audit on ops.secrets;
create trigger audit after insert or update or delete on ops.secrets for each row execute function ops.audit_change('secret', '');
delete from iam.role_permissions where permission_key in ('iam.tenant.manage', 'iam.members.export');
delete from iam.permissions where key in ('iam.tenant.manage', 'iam.members.export');
drop index iam.teams_origins;
drop function iam.erase_member_traces(uuid), iam.erase_account_of_nobody(uuid), iam.origin_allowed(text, uuid, uuid[]), iam.tenant_residue(uuid), iam.forget_tenant(uuid), iam.release_accounts(uuid), iam.erase_account(uuid), iam.impersonator_of(bytea),
  iam.open_impersonation(uuid, uuid, uuid, uuid, bytea, int, text, inet, text), iam.set_user_active(uuid, boolean), iam.list_users(text, uuid, int),
  iam.set_tenant_status(uuid, text, text), iam.change_tenant(uuid, text, text, text, text, jsonb, jsonb),
  iam.provision_tenant(uuid, text, text, text, jsonb, uuid, uuid, text, text, text, bytea, int), iam.list_tenants(uuid, text, text, uuid, int);
-- Sessions of others must not become the person's own.
alter table iam.sessions no force row level security;
delete from iam.sessions where impersonator_id is not null;
alter table iam.sessions force row level security;
alter table iam.sessions drop column impersonator_id, drop column impersonation_reason;
alter table iam.tenants drop constraint tenants_settings_check, drop constraint tenants_metadata_check;
revoke update (name, contact_email, contact_name, settings) on iam.tenants from lyceum_app;
grant update on iam.tenants to lyceum_app;
