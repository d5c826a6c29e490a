-- Tenants, accounts, memberships, roles and permissions, sessions, API keys.
-- migrate:up
create schema iam;
comment on schema iam is 'Identity, access, tenancy';
grant usage on schema iam to lyceum_app, lyceum_readonly, lyceum_system, lyceum_backup;
grant create on schema iam to lyceum_system;

create table iam.tenants (
  id uuid primary key, slug citext not null check (slug ~ '^[a-z0-9](-?[a-z0-9]){1,62}$'), name text not null check (length(name) between 1 and 200),
  status text not null default 'active' check (status in ('active', 'suspended', 'deleted')),
  plan_code text, contact_email citext, contact_name text, home_region_id uuid, settings jsonb not null default '{}', metadata jsonb not null default '{}',
  data_residency jsonb, suspended_at timestamptz, suspended_reason text, legacy_ref text,
  created_at timestamptz not null default now(), updated_at timestamptz not null default now(), deleted_at timestamptz);
comment on table iam.tenants is 'Organisation, the root of isolation; a tenant sees its own row only';
comment on column iam.tenants.id is 'UUIDv7, the tenant_id of every row it owns';
comment on column iam.tenants.slug is 'Short name for addresses and sign-in';
comment on column iam.tenants.name is 'Name people see';
comment on column iam.tenants.status is 'A tenant that is not active is refused at every door';
comment on column iam.tenants.plan_code is 'Plan whose limits apply';
comment on column iam.tenants.contact_email is 'Whom to write to';
comment on column iam.tenants.contact_name is 'Whom to speak to';
comment on column iam.tenants.home_region_id is 'Region where its data lives';
comment on column iam.tenants.settings is 'Settings of the tenant';
comment on column iam.tenants.metadata is 'Facts about it that nothing enforces';
comment on column iam.tenants.data_residency is 'Where data may be';
comment on column iam.tenants.suspended_at is 'When it was suspended';
comment on column iam.tenants.suspended_reason is 'Why it was suspended';
comment on column iam.tenants.legacy_ref is 'Key in an imported system';
comment on column iam.tenants.created_at is 'When the row was made';
comment on column iam.tenants.updated_at is 'When the row last changed, kept by a trigger';
comment on column iam.tenants.deleted_at is 'When it was deleted';
create unique index tenants_slug on iam.tenants (slug) where deleted_at is null;
alter table iam.tenants enable row level security, force row level security;
create policy tenant on iam.tenants using (id = nullif(current_setting('app.current_tenant_id', true), '')::uuid)
  with check (id = nullif(current_setting('app.current_tenant_id', true), '')::uuid);
create trigger touch before update on iam.tenants for each row execute function ops.touch();
grant select, update on iam.tenants to lyceum_app;
grant select on iam.tenants to lyceum_readonly, lyceum_backup;
select ops.let_system_cross('iam.tenants');

create table iam.users (
  id uuid primary key, email citext not null check (email ~ '^[^@\s]+@[^@\s]+$'), username citext, display_name text not null check (length(display_name) between 1 and 200),
  first_name text, last_name text, avatar_object_id uuid, avatar_url text,
  platform_role text not null default 'user' check (platform_role in ('platform_admin', 'user', 'guest')),
  is_active boolean not null default true, email_verified_at timestamptz, last_login_at timestamptz,
  preferences jsonb not null default '{}' check (octet_length(preferences::text) <= 20000), locale text, legacy_ref text,
  created_at timestamptz not null default now(), updated_at timestamptz not null default now(), deleted_at timestamptz);
comment on table iam.users is 'One account per human, member of any number of tenants; visible through membership';
comment on column iam.users.id is 'UUIDv7';
comment on column iam.users.email is 'Address to sign in with, unique among live accounts';
comment on column iam.users.username is 'Short name';
comment on column iam.users.display_name is 'Name people see';
comment on column iam.users.first_name is 'First name';
comment on column iam.users.last_name is 'Last name';
comment on column iam.users.avatar_object_id is 'Stored picture';
comment on column iam.users.avatar_url is 'Picture elsewhere';
comment on column iam.users.platform_role is 'Right over the whole installation';
comment on column iam.users.is_active is 'An account that is not active cannot sign in, and its sessions and keys stop';
comment on column iam.users.email_verified_at is 'When the address was proved';
comment on column iam.users.last_login_at is 'Last sign-in';
comment on column iam.users.preferences is 'The user''s own settings, at most 20 kB';
comment on column iam.users.locale is 'Language of the user interface';
comment on column iam.users.legacy_ref is 'Key in an imported system';
comment on column iam.users.created_at is 'When the row was made';
comment on column iam.users.updated_at is 'When the row last changed, kept by a trigger';
comment on column iam.users.deleted_at is 'When the account was deleted';
create unique index users_email on iam.users (email) where deleted_at is null;
alter table iam.users enable row level security, force row level security;
create trigger touch before update on iam.users for each row execute function ops.touch();
grant select on iam.users to lyceum_app, lyceum_readonly, lyceum_backup;
grant update (display_name, first_name, last_name, preferences, locale) on iam.users to lyceum_app;
select ops.let_system_cross('iam.users');

create table iam.user_credentials (
  id uuid primary key, user_id uuid not null references iam.users (id) on delete cascade, password_hash text not null,
  password_changed_at timestamptz not null default now(), verification_token_hash bytea, verification_expires_at timestamptz,
  reset_token_hash bytea, reset_expires_at timestamptz, failed_attempts int not null default 0, locked_until timestamptz,
  created_at timestamptz not null default now(), updated_at timestamptz not null default now());
comment on table iam.user_credentials is 'Local password of an account; reached only through functions';
comment on column iam.user_credentials.id is 'UUIDv7';
comment on column iam.user_credentials.user_id is 'The account';
comment on column iam.user_credentials.password_hash is 'PBKDF2-HMAC-SHA-512 with its parameters and salt';
comment on column iam.user_credentials.password_changed_at is 'When the password was set';
comment on column iam.user_credentials.verification_token_hash is 'Hash of the e-mail verification token';
comment on column iam.user_credentials.verification_expires_at is 'When that token ends';
comment on column iam.user_credentials.reset_token_hash is 'Hash of the password reset token';
comment on column iam.user_credentials.reset_expires_at is 'When that token ends';
comment on column iam.user_credentials.failed_attempts is 'Wrong passwords in a row';
comment on column iam.user_credentials.locked_until is 'No attempt is looked at before this time';
comment on column iam.user_credentials.created_at is 'When the row was made';
comment on column iam.user_credentials.updated_at is 'When the row last changed, kept by a trigger';
create unique index user_credentials_user on iam.user_credentials (user_id);
alter table iam.user_credentials enable row level security, force row level security;
create trigger touch before update on iam.user_credentials for each row execute function ops.touch();
select ops.let_system_cross('iam.user_credentials');

create table iam.sessions (
  id uuid primary key, user_id uuid not null references iam.users (id) on delete cascade, tenant_id uuid references iam.tenants (id) on delete cascade,
  family_id uuid not null, refresh_hash bytea not null, issued_at timestamptz not null default now(), expires_at timestamptz not null,
  rotated_at timestamptz, revoked_at timestamptz, ip_address inet, user_agent text,
  created_at timestamptz not null default now(), updated_at timestamptz not null default now());
comment on table iam.sessions is 'Sign-ins that last; reached only through functions';
comment on column iam.sessions.id is 'UUIDv7';
comment on column iam.sessions.user_id is 'Who signed in';
comment on column iam.sessions.tenant_id is 'Tenant the session works in; null until one is chosen';
comment on column iam.sessions.family_id is 'Sessions that came from one sign-in';
comment on column iam.sessions.refresh_hash is 'SHA-256 of the token in the cookie';
comment on column iam.sessions.issued_at is 'When it began';
comment on column iam.sessions.expires_at is 'When it ends';
comment on column iam.sessions.rotated_at is 'When its token was replaced';
comment on column iam.sessions.revoked_at is 'When it was ended early';
comment on column iam.sessions.ip_address is 'Address it began from';
comment on column iam.sessions.user_agent is 'Program it began from';
comment on column iam.sessions.created_at is 'When the row was made';
comment on column iam.sessions.updated_at is 'When the row last changed, kept by a trigger';
create unique index sessions_token on iam.sessions (refresh_hash);
create index sessions_user on iam.sessions (user_id);
create index sessions_tenant on iam.sessions (tenant_id);
create index sessions_expiry on iam.sessions (expires_at);
alter table iam.sessions enable row level security, force row level security;
create trigger touch before update on iam.sessions for each row execute function ops.touch();
select ops.let_system_cross('iam.sessions');

create table iam.permissions (key text primary key check (key ~ '^[a-z_]+(\.[a-z_]+)+$'), area text not null, description text not null);
comment on table iam.permissions is 'Every permission there is; the same for all';
comment on column iam.permissions.key is 'area.thing.action';
comment on column iam.permissions.area is 'Room it belongs to';
comment on column iam.permissions.description is 'What it lets one do';
alter table iam.permissions enable row level security, force row level security;
create policy everybody on iam.permissions for select using (nullif(current_setting('app.current_tenant_id', true), '') is not null);
create policy seed on iam.permissions for all using (nullif(current_setting('app.current_tenant_id', true), '')::uuid = ops.platform_tenant());
grant select on iam.permissions to lyceum_app, lyceum_readonly, lyceum_backup;
select ops.let_system_cross('iam.permissions', 'select');

create table iam.roles (
  tenant_id uuid, id uuid not null, key text not null, name text not null, rank int not null, is_system boolean not null default false,
  scope text not null check (scope in ('platform', 'tenant', 'team')), created_at timestamptz, updated_at timestamptz, deleted_at timestamptz);
comment on table iam.roles is 'Roles: shipped ones belong to the platform tenant, a tenant may add its own';
comment on column iam.roles.key is 'Stable name';
comment on column iam.roles.name is 'Name people see';
comment on column iam.roles.rank is 'Order of shipped roles; a higher one includes the lower';
comment on column iam.roles.is_system is 'Shipped; cannot be changed';
comment on column iam.roles.scope is 'Where it can be given';
select ops.make_tenant_table('iam.roles', shared => true, audited => 'role');
create unique index roles_key on iam.roles (tenant_id, key) where deleted_at is null;
select ops.let_system_cross('iam.roles', 'select');

create table iam.role_permissions (
  tenant_id uuid, id uuid not null, role_id uuid not null, permission_key text not null references iam.permissions (key) on update cascade,
  created_at timestamptz, updated_at timestamptz, foreign key (tenant_id, role_id) references iam.roles (tenant_id, id) on delete cascade);
comment on table iam.role_permissions is 'What a role grants';
comment on column iam.role_permissions.role_id is 'The role';
comment on column iam.role_permissions.permission_key is 'The permission';
select ops.make_tenant_table('iam.role_permissions', shared => true);
create unique index role_permissions_pair on iam.role_permissions (tenant_id, role_id, permission_key);
create index role_permissions_permission on iam.role_permissions (permission_key);
select ops.let_system_cross('iam.role_permissions', 'select');

create table iam.tenant_members (
  tenant_id uuid, id uuid not null, user_id uuid not null references iam.users (id) on delete cascade,
  status text not null default 'active' check (status in ('active', 'inactive', 'suspended')),
  role_tenant_id uuid not null check (role_tenant_id in (tenant_id, '00000000-0000-7000-8000-000000000001')), role_id uuid not null,
  joined_at timestamptz not null default now(), created_at timestamptz, updated_at timestamptz, deleted_at timestamptz,
  foreign key (role_tenant_id, role_id) references iam.roles (tenant_id, id));
comment on table iam.tenant_members is 'An account''s place in a tenant';
comment on column iam.tenant_members.user_id is 'The account';
comment on column iam.tenant_members.status is 'Only active members get in';
comment on column iam.tenant_members.role_tenant_id is 'Tenant of the role: the own or the platform''s';
comment on column iam.tenant_members.role_id is 'Role in the tenant';
comment on column iam.tenant_members.joined_at is 'Member since';
select ops.make_tenant_table('iam.tenant_members', audited => 'tenant_member');
create unique index tenant_members_user on iam.tenant_members (tenant_id, user_id) where deleted_at is null;
create index tenant_members_account on iam.tenant_members (user_id);
create index tenant_members_role on iam.tenant_members (role_tenant_id, role_id);
select ops.let_system_cross('iam.tenant_members', 'select, insert');

-- An account is seen by the tenants it is a member of, and changed by itself alone.
create policy members on iam.users for select using (exists (
  select from iam.tenant_members m where m.user_id = users.id and m.tenant_id = nullif(current_setting('app.current_tenant_id', true), '')::uuid));
create policy own on iam.users for update
  using (id = (nullif(current_setting('app.actor', true), '')::jsonb ->> 'user_id')::uuid and nullif(current_setting('app.current_tenant_id', true), '') is not null)
  with check (id = (nullif(current_setting('app.actor', true), '')::jsonb ->> 'user_id')::uuid and nullif(current_setting('app.current_tenant_id', true), '') is not null);

create table iam.teams (
  tenant_id uuid, id uuid not null, name text not null check (length(name) between 1 and 200), slug citext not null, description text,
  kind text not null default 'workspace' check (kind in ('workspace', 'personal', 'group')),
  owner_user_id uuid references iam.users (id), leader_user_id uuid references iam.users (id) on delete set null, created_by uuid references iam.users (id) on delete set null,
  max_file_size_mb int check (max_file_size_mb > 0), allowed_origins text[] not null default '{}', tracing_secret_id uuid, settings jsonb not null default '{}',
  openai_api_enabled boolean not null default true, is_frozen boolean not null default false,
  created_at timestamptz, updated_at timestamptz, deleted_at timestamptz,
  foreign key (tenant_id, tracing_secret_id) references ops.secrets (tenant_id, id));
comment on table iam.teams is 'Workspace: holds collections, agents and conversations';
comment on column iam.teams.name is 'Name people see';
comment on column iam.teams.slug is 'Short name';
comment on column iam.teams.description is 'What it is for';
comment on column iam.teams.kind is 'workspace, personal or group';
comment on column iam.teams.owner_user_id is 'Who owns it';
comment on column iam.teams.leader_user_id is 'Who leads it';
comment on column iam.teams.created_by is 'Who made it';
comment on column iam.teams.max_file_size_mb is 'Upload limit of this team; null for the installation''s';
comment on column iam.teams.allowed_origins is 'Browser origins that may call the API with this team''s keys';
comment on column iam.teams.tracing_secret_id is 'Key of an outside tracing service';
comment on column iam.teams.settings is 'Settings of the team';
comment on column iam.teams.openai_api_enabled is 'Whether keys of this team may use /v1';
comment on column iam.teams.is_frozen is 'Read only, after a downgrade';
select ops.make_tenant_table('iam.teams', audited => 'team');
create unique index teams_slug on iam.teams (tenant_id, slug) where deleted_at is null;
create index teams_secret on iam.teams (tenant_id, tracing_secret_id);
create index teams_owner on iam.teams (owner_user_id);
create index teams_leader on iam.teams (leader_user_id);
create index teams_creator on iam.teams (created_by);
select ops.let_system_cross('iam.teams', 'select, insert');

create table iam.team_members (
  tenant_id uuid, id uuid not null, team_id uuid not null, user_id uuid not null references iam.users (id) on delete cascade,
  invited_by uuid references iam.users (id) on delete set null, invited_at timestamptz, accepted_at timestamptz, created_at timestamptz, updated_at timestamptz, deleted_at timestamptz,
  foreign key (tenant_id, team_id) references iam.teams (tenant_id, id) on delete cascade);
comment on table iam.team_members is 'An account''s place in a team';
comment on column iam.team_members.team_id is 'The team';
comment on column iam.team_members.user_id is 'The account';
comment on column iam.team_members.invited_by is 'Who invited';
comment on column iam.team_members.invited_at is 'When invited';
comment on column iam.team_members.accepted_at is 'When accepted';
select ops.make_tenant_table('iam.team_members', audited => 'team_member');
create unique index team_members_user on iam.team_members (tenant_id, team_id, user_id) where deleted_at is null;
create index team_members_account on iam.team_members (user_id);
create index team_members_inviter on iam.team_members (invited_by);
select ops.let_system_cross('iam.team_members', 'select, insert');

create table iam.team_member_roles (
  tenant_id uuid, id uuid not null, team_member_id uuid not null,
  role_tenant_id uuid not null check (role_tenant_id in (tenant_id, '00000000-0000-7000-8000-000000000001')), role_id uuid not null,
  created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, team_member_id) references iam.team_members (tenant_id, id) on delete cascade,
  foreign key (role_tenant_id, role_id) references iam.roles (tenant_id, id));
comment on table iam.team_member_roles is 'Roles of a team member';
comment on column iam.team_member_roles.team_member_id is 'The member';
comment on column iam.team_member_roles.role_tenant_id is 'Tenant of the role: the own or the platform''s';
comment on column iam.team_member_roles.role_id is 'The role';
select ops.make_tenant_table('iam.team_member_roles');
create unique index team_member_roles_pair on iam.team_member_roles (tenant_id, team_member_id, role_tenant_id, role_id);
create index team_member_roles_role on iam.team_member_roles (role_tenant_id, role_id);
select ops.let_system_cross('iam.team_member_roles', 'select, insert');

create table iam.api_keys (
  tenant_id uuid, id uuid not null, team_id uuid, user_id uuid not null references iam.users (id) on delete cascade, name text not null check (length(name) between 1 and 200),
  key_kind text not null default 'api' check (key_kind in ('api', 'chat', 'mcp', 'ingest', 'service')), key_prefix text not null, key_hash bytea not null,
  agent_id uuid, collection_id uuid, mcp_endpoint_id uuid, scopes text[] not null default '{}',
  status text not null default 'active' check (status in ('active', 'revoked', 'expired')), expires_at timestamptz, last_used_at timestamptz, last_used_ip inet,
  revoked_at timestamptz, revoked_by uuid references iam.users (id) on delete set null, metadata jsonb not null default '{}',
  created_at timestamptz, updated_at timestamptz, deleted_at timestamptz,
  foreign key (tenant_id, team_id) references iam.teams (tenant_id, id));
comment on table iam.api_keys is 'Keys for programs; only a hash is kept';
comment on column iam.api_keys.team_id is 'Team the key works in; null for all of its owner''s';
comment on column iam.api_keys.user_id is 'Owner: the key can never do more than its owner';
comment on column iam.api_keys.name is 'What it is for';
comment on column iam.api_keys.key_kind is 'Which doors it opens';
comment on column iam.api_keys.key_prefix is 'Beginning of the key, not secret, to find and recognise it by';
comment on column iam.api_keys.key_hash is 'SHA-256 of the whole key';
comment on column iam.api_keys.agent_id is 'The only agent it may run; null for any';
comment on column iam.api_keys.collection_id is 'The only collection it may use; null for any';
comment on column iam.api_keys.mcp_endpoint_id is 'The only MCP endpoint it may use; null for any';
comment on column iam.api_keys.scopes is 'Permission keys it is limited to; empty for all of its owner''s';
comment on column iam.api_keys.status is 'Only an active key opens anything';
comment on column iam.api_keys.expires_at is 'When it ends; null for never';
comment on column iam.api_keys.last_used_at is 'Last use, to the minute';
comment on column iam.api_keys.last_used_ip is 'Address of the last use';
comment on column iam.api_keys.revoked_at is 'When it was revoked';
comment on column iam.api_keys.revoked_by is 'Who revoked it';
comment on column iam.api_keys.metadata is 'Facts about it that nothing enforces';
select ops.make_tenant_table('iam.api_keys', audited => 'api_key', ignored => '{last_used_at,last_used_ip}');
create unique index api_keys_prefix on iam.api_keys (key_prefix);
create unique index api_keys_hash on iam.api_keys (key_hash);
create index api_keys_owner on iam.api_keys (user_id);
create index api_keys_revoker on iam.api_keys (revoked_by);
create index api_keys_team on iam.api_keys (tenant_id, team_id);
select ops.let_system_cross('iam.api_keys', 'select, update');

-- What an account may do in a tenant: its tenant role and its roles in teams, taken together.
create function iam.permissions_of(p_tenant uuid, p_user uuid) returns text[] language sql stable set search_path = pg_catalog, iam as $f$
  select coalesce(array_agg(distinct rp.permission_key order by rp.permission_key), '{}')
  from iam.role_permissions rp
  where (rp.tenant_id, rp.role_id) in (
    select m.role_tenant_id, m.role_id from iam.tenant_members m
    where m.tenant_id = p_tenant and m.user_id = p_user and m.status = 'active' and m.deleted_at is null
    union all
    select r.role_tenant_id, r.role_id from iam.team_members tm join iam.team_member_roles r on r.tenant_id = tm.tenant_id and r.team_member_id = tm.id
    where tm.tenant_id = p_tenant and tm.user_id = p_user and tm.deleted_at is null)
$f$;
create function iam.teams_of(p_tenant uuid, p_user uuid) returns uuid[] language sql stable set search_path = pg_catalog, iam as $f$
  select coalesce(array_agg(tm.team_id order by tm.created_at), '{}') from iam.team_members tm
  join iam.teams t on t.tenant_id = tm.tenant_id and t.id = tm.team_id and t.deleted_at is null
  where tm.tenant_id = p_tenant and tm.user_id = p_user and tm.deleted_at is null
$f$;

-- Who holds this session cookie, and what they may do. No row: not signed in.
create function iam.resolve_session(p_hash bytea) returns table (
  user_id uuid, tenant_id uuid, email text, display_name text, platform_role text, tenant_status text, permissions text[], team_ids uuid[])
language sql stable set search_path = pg_catalog, iam, public as $f$
  select u.id, s.tenant_id, u.email::text, u.display_name, u.platform_role, t.status, iam.permissions_of(s.tenant_id, u.id), iam.teams_of(s.tenant_id, u.id)
  from iam.sessions s
  join iam.users u on u.id = s.user_id and u.is_active and u.deleted_at is null
  join iam.tenants t on t.id = s.tenant_id
  join iam.tenant_members m on m.tenant_id = t.id and m.user_id = u.id and m.status = 'active' and m.deleted_at is null
  where s.refresh_hash = p_hash and s.revoked_at is null and s.expires_at > now()
$f$;
select ops.cross_tenants('iam.resolve_session(bytea)');

-- Whose key begins like this. The caller compares the hash in constant time.
create function iam.resolve_api_key(p_prefix text) returns table (
  key_id uuid, key_hash bytea, user_id uuid, tenant_id uuid, label text, kind text, status text, expires_at timestamptz, scopes text[],
  team_id uuid, agent_id uuid, collection_id uuid, tenant_status text, permissions text[], team_ids uuid[], last_used_at timestamptz)
language sql stable set search_path = pg_catalog, iam, public as $f$
  select k.id, k.key_hash, u.id, k.tenant_id, k.name || ' (' || u.display_name || ')', k.key_kind, k.status, k.expires_at, k.scopes,
    k.team_id, k.agent_id, k.collection_id, t.status, iam.permissions_of(k.tenant_id, u.id),
    case when k.team_id is null then iam.teams_of(k.tenant_id, u.id) else array[k.team_id] end, k.last_used_at
  from iam.api_keys k
  join iam.users u on u.id = k.user_id and u.is_active and u.deleted_at is null
  join iam.tenants t on t.id = k.tenant_id
  join iam.tenant_members m on m.tenant_id = t.id and m.user_id = u.id and m.status = 'active' and m.deleted_at is null
  where k.key_prefix = p_prefix and k.deleted_at is null
$f$;
select ops.cross_tenants('iam.resolve_api_key(text)');

create function iam.touch_api_key(p_key uuid, p_ip inet) returns void language sql set search_path = pg_catalog, iam as $f$
  update iam.api_keys set last_used_at = now(), last_used_ip = p_ip where id = p_key and (last_used_at is null or last_used_at < now() - interval '1 minute')
$f$;
create index api_keys_id on iam.api_keys (id);
select ops.cross_tenants('iam.touch_api_key(uuid, inet)');

-- The account behind an address, its password hash and the tenants it may enter.
create function iam.find_account(p_email text) returns table (
  user_id uuid, display_name text, is_active boolean, password_hash text, locked_until timestamptz, tenants jsonb)
language sql stable set search_path = pg_catalog, iam, public as $f$
  select u.id, u.display_name, u.is_active, c.password_hash, c.locked_until, (
    select coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'slug', t.slug, 'name', t.name, 'status', t.status) order by t.name), '[]')
    from iam.tenant_members m join iam.tenants t on t.id = m.tenant_id and t.status <> 'deleted'
    where m.user_id = u.id and m.status = 'active' and m.deleted_at is null)
  from iam.users u join iam.user_credentials c on c.user_id = u.id
  where u.email = p_email::citext and u.deleted_at is null
$f$;
select ops.cross_tenants('iam.find_account(text)');

-- Counts a wrong password or forgets them after a right one. From the fifth in a row on the account waits 2, 4, 8 … seconds, at most 15 minutes.
create function iam.note_sign_in(p_user uuid, p_right boolean) returns timestamptz language sql set search_path = pg_catalog, iam as $f$
  update iam.users set last_login_at = now() where id = p_user and p_right;
  update iam.user_credentials set
    failed_attempts = case when p_right then 0 else failed_attempts + 1 end,
    locked_until = case when p_right then null when failed_attempts + 1 >= 5
      then now() + make_interval(secs => least(900, power(2, least(failed_attempts - 3, 10)))) else locked_until end
  where user_id = p_user returning locked_until
$f$;
select ops.cross_tenants('iam.note_sign_in(uuid, boolean)');

create function iam.open_session(p_id uuid, p_user uuid, p_tenant uuid, p_hash bytea, p_seconds int, p_ip inet, p_user_agent text) returns void
language sql set search_path = pg_catalog, iam as $f$
  delete from iam.sessions where user_id = p_user and expires_at < now() - interval '1 day';
  insert into iam.sessions (id, user_id, tenant_id, family_id, refresh_hash, expires_at, ip_address, user_agent)
  values (p_id, p_user, p_tenant, p_id, p_hash, now() + make_interval(secs => p_seconds), p_ip, left(p_user_agent, 400))
$f$;
select ops.cross_tenants('iam.open_session(uuid, uuid, uuid, bytea, int, inet, text)');

create function iam.close_session(p_hash bytea) returns void language sql set search_path = pg_catalog, iam as $f$
  update iam.sessions set revoked_at = now() where refresh_hash = p_hash and revoked_at is null
$f$;
select ops.cross_tenants('iam.close_session(bytea)');

-- Makes the first administrator with a tenant and a team, exactly once however many processes try. Returns whether it was this call.
create function iam.first_administrator(p_user uuid, p_email text, p_name text, p_password_hash text, p_tenant uuid, p_slug text, p_tenant_name text, p_team uuid)
returns boolean language plpgsql set search_path = pg_catalog, iam, ops, public as $f$
declare
  member uuid := ops.uuid7();
begin
  perform pg_advisory_xact_lock(hashtext('iam.first_administrator'));
  if exists (select from iam.users) then
    return false;
  end if;
  -- The audit rows of what follows belong to the new tenant.
  perform set_config('app.current_tenant_id', p_tenant::text, true);
  insert into iam.tenants (id, slug, name) values (p_tenant, p_slug::citext, p_tenant_name);
  insert into iam.users (id, email, display_name, platform_role, email_verified_at) values (p_user, p_email::citext, p_name, 'platform_admin', now());
  insert into iam.user_credentials (id, user_id, password_hash) values (ops.uuid7(), p_user, p_password_hash);
  insert into iam.tenant_members (tenant_id, id, user_id, role_tenant_id, role_id)
    select p_tenant, ops.uuid7(), p_user, r.tenant_id, r.id from iam.roles r where r.tenant_id = ops.platform_tenant() and r.key = 'tenant_admin';
  insert into iam.teams (tenant_id, id, name, slug, kind, owner_user_id, created_by) values (p_tenant, p_team, 'Everyone', 'everyone', 'workspace', p_user, p_user);
  insert into iam.team_members (tenant_id, id, team_id, user_id, accepted_at) values (p_tenant, member, p_team, p_user, now());
  insert into iam.team_member_roles (tenant_id, id, team_member_id, role_tenant_id, role_id)
    select p_tenant, ops.uuid7(), member, r.tenant_id, r.id from iam.roles r where r.tenant_id = ops.platform_tenant() and r.key = 'team_owner';
  return true;
end $f$;
grant insert on ops.audit_logs to lyceum_system;
create policy system on ops.audit_logs for insert to lyceum_system with check (true);
select ops.cross_tenants('iam.first_administrator(uuid, text, text, text, uuid, text, text, uuid)');

insert into iam.roles (tenant_id, id, key, name, rank, is_system, scope) values
  (ops.platform_tenant(), '00000000-0000-7000-8000-000000000101', 'tenant_admin', 'Administrator', 100, true, 'tenant'),
  (ops.platform_tenant(), '00000000-0000-7000-8000-000000000102', 'tenant_user', 'Member', 10, true, 'tenant'),
  (ops.platform_tenant(), '00000000-0000-7000-8000-000000000111', 'team_owner', 'Owner', 80, true, 'team'),
  (ops.platform_tenant(), '00000000-0000-7000-8000-000000000112', 'team_admin', 'Administrator', 60, true, 'team'),
  (ops.platform_tenant(), '00000000-0000-7000-8000-000000000113', 'team_editor', 'Editor', 40, true, 'team'),
  (ops.platform_tenant(), '00000000-0000-7000-8000-000000000114', 'team_viewer', 'Viewer', 20, true, 'team');

-- Each permission with the lowest team role that has it; higher roles have it too. tenant_admin has all.
create temporary table granted (key text, area text, description text, lowest text) on commit drop;
insert into granted values
  ('iam.keys.manage', 'iam', 'Make and revoke one''s own API keys', 'team_viewer'),
  ('iam.members.read', 'iam', 'See who is in the tenant', 'team_viewer'),
  ('ops.audit.read', 'ops', 'Read the audit log', 'tenant_admin'),
  ('ops.jobs.manage', 'ops', 'See and replay background jobs', 'tenant_admin'),
  ('models.models.read', 'models', 'See the models one can use', 'team_viewer'),
  ('models.models.write', 'models', 'Add, change, test and remove models', 'team_admin'),
  ('models.models.use', 'models', 'Call models through the API', 'team_viewer'),
  ('knowledge.collections.read', 'knowledge', 'See collections and their documents', 'team_viewer'),
  ('knowledge.collections.write', 'knowledge', 'Make, change and delete collections', 'team_editor'),
  ('knowledge.documents.write', 'knowledge', 'Add, retry and delete documents', 'team_editor'),
  ('knowledge.search', 'knowledge', 'Search collections', 'team_viewer'),
  ('agents.agents.read', 'agents', 'See agents', 'team_viewer'),
  ('agents.agents.run', 'agents', 'Ask agents', 'team_viewer'),
  ('chat.conversations.use', 'chat', 'Have conversations', 'team_viewer');
insert into iam.permissions select key, area, description from granted;
insert into iam.role_permissions (tenant_id, id, role_id, permission_key)
  select ops.platform_tenant(), ops.uuid7(), r.id, g.key from granted g join iam.roles low on low.key = g.lowest
  join iam.roles r on r.rank >= low.rank and r.key <> 'tenant_user' or r.key = 'tenant_admin'
  where r.tenant_id = ops.platform_tenant();

-- migrate:down
drop function iam.first_administrator(uuid, text, text, text, uuid, text, text, uuid);
drop policy system on ops.audit_logs;
revoke insert on ops.audit_logs from lyceum_system;
drop function iam.close_session(bytea);
drop function iam.open_session(uuid, uuid, uuid, bytea, int, inet, text);
drop function iam.note_sign_in(uuid, boolean);
drop function iam.find_account(text);
drop function iam.touch_api_key(uuid, inet);
drop function iam.resolve_api_key(text);
drop function iam.resolve_session(bytea);
drop function iam.teams_of(uuid, uuid);
drop function iam.permissions_of(uuid, uuid);
drop policy members on iam.users;
drop table iam.api_keys, iam.team_member_roles, iam.team_members, iam.teams, iam.tenant_members, iam.role_permissions, iam.roles, iam.permissions,
  iam.sessions, iam.user_credentials, iam.users, iam.tenants;
drop schema iam;
