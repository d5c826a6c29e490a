-- Federation: identity providers, what directories say about people, sign-ins under way, sessions that renew themselves.
-- migrate:up
create table iam.identity_providers (
  tenant_id uuid, id uuid not null, name text not null check (length(name) between 1 and 200), slug citext not null check (slug ~ '^[a-z0-9](-?[a-z0-9]){0,62}$'),
  issuer text not null check (length(issuer) between 8 and 500), client_id text not null check (length(client_id) between 1 and 300), secret_id uuid,
  scopes text[] not null default '{openid,profile,email}', email_domains text[] not null default '{}',
  groups_claim text not null default 'groups', roles_claim text not null default 'roles',
  is_enabled boolean not null default true, create_accounts boolean not null default false, is_trusted boolean not null default false,
  created_at timestamptz, updated_at timestamptz, deleted_at timestamptz,
  foreign key (tenant_id, secret_id) references ops.secrets (tenant_id, id));
comment on table iam.identity_providers is 'OpenID Connect providers through which people of a tenant sign in';
comment on column iam.identity_providers.name is 'Name on the button';
comment on column iam.identity_providers.slug is 'Short name';
comment on column iam.identity_providers.issuer is 'Its issuer, exactly as its tokens say it';
comment on column iam.identity_providers.client_id is 'Who we are there';
comment on column iam.identity_providers.secret_id is 'Our client secret; null for a public client';
comment on column iam.identity_providers.scopes is 'What we ask for';
comment on column iam.identity_providers.email_domains is 'Addresses of these domains are led here, and only they get new accounts; empty for any';
comment on column iam.identity_providers.groups_claim is 'Claim that lists a person''s groups';
comment on column iam.identity_providers.roles_claim is 'Claim that lists a person''s roles';
comment on column iam.identity_providers.is_enabled is 'A provider that is switched off lets nobody in, and its sessions stop';
comment on column iam.identity_providers.create_accounts is 'Whether somebody unknown gets an account';
comment on column iam.identity_providers.is_trusted is 'Set by the installation''s administrator: its word counts in every tenant and for platform rights';
select ops.make_tenant_table('iam.identity_providers', audited => 'identity_provider');
create unique index identity_providers_slug on iam.identity_providers (tenant_id, slug) where deleted_at is null;
create index identity_providers_secret on iam.identity_providers (tenant_id, secret_id);
create index identity_providers_id on iam.identity_providers (id);
create index identity_providers_domains on iam.identity_providers using gin (email_domains);
select ops.let_system_cross('iam.identity_providers', 'select');

create table iam.identity_provider_roles (
  tenant_id uuid, id uuid not null, provider_id uuid not null, group_name text not null check (length(group_name) between 1 and 500),
  role_tenant_id uuid not null check (role_tenant_id in (tenant_id, '00000000-0000-7000-8000-000000000001')), role_id uuid not null, team_id uuid,
  created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, provider_id) references iam.identity_providers (tenant_id, id) on delete cascade,
  foreign key (role_tenant_id, role_id) references iam.roles (tenant_id, id) on delete cascade,
  foreign key (tenant_id, team_id) references iam.teams (tenant_id, id) on delete cascade);
comment on table iam.identity_provider_roles is 'Which role a group of the directory gives, in the tenant or in a team';
comment on column iam.identity_provider_roles.provider_id is 'The provider whose group it is';
comment on column iam.identity_provider_roles.group_name is 'Group or role as the directory names it';
comment on column iam.identity_provider_roles.role_tenant_id is 'Tenant of the role: the own or the platform''s';
comment on column iam.identity_provider_roles.role_id is 'The role it gives';
comment on column iam.identity_provider_roles.team_id is 'The team it gives it in; null for the tenant';
select ops.make_tenant_table('iam.identity_provider_roles');
create unique index identity_provider_roles_all on iam.identity_provider_roles (tenant_id, provider_id, group_name, role_tenant_id, role_id, team_id) nulls not distinct;
create index identity_provider_roles_role on iam.identity_provider_roles (role_tenant_id, role_id);
create index identity_provider_roles_team on iam.identity_provider_roles (tenant_id, team_id);

create table iam.user_identities (
  id uuid primary key, user_id uuid not null references iam.users (id) on delete cascade, issuer text not null, subject text not null check (length(subject) between 1 and 255),
  email_at_link citext, last_seen_at timestamptz, created_at timestamptz not null default now(), updated_at timestamptz not null default now());
comment on table iam.user_identities is 'Who an account is at an identity provider; reached only through functions';
comment on column iam.user_identities.id is 'UUIDv7';
comment on column iam.user_identities.user_id is 'The account';
comment on column iam.user_identities.issuer is 'The provider''s issuer';
comment on column iam.user_identities.subject is 'The person''s subject there; never reused by the provider';
comment on column iam.user_identities.email_at_link is 'Address the provider told when the two were joined';
comment on column iam.user_identities.last_seen_at is 'Last sign-in with it';
comment on column iam.user_identities.created_at is 'When the row was made';
comment on column iam.user_identities.updated_at is 'When the row last changed, kept by a trigger';
create unique index user_identities_subject on iam.user_identities (issuer, subject);
create index user_identities_user on iam.user_identities (user_id);
alter table iam.user_identities enable row level security, force row level security;
create trigger touch before update on iam.user_identities for each row execute function ops.touch();
select ops.let_system_cross('iam.user_identities');

create table iam.provider_members (
  tenant_id uuid, id uuid not null, provider_id uuid not null, user_id uuid not null references iam.users (id) on delete cascade, subject text not null,
  refresh_secret_id uuid, check_at timestamptz, last_seen_at timestamptz not null default now(), created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, provider_id) references iam.identity_providers (tenant_id, id) on delete cascade,
  foreign key (tenant_id, refresh_secret_id) references ops.secrets (tenant_id, id) on delete set null (refresh_secret_id));
comment on table iam.provider_members is 'Who came through which provider, and how to ask it again about them';
comment on column iam.provider_members.provider_id is 'The provider';
comment on column iam.provider_members.user_id is 'The account';
comment on column iam.provider_members.subject is 'The person''s subject there';
comment on column iam.provider_members.refresh_secret_id is 'The provider''s refresh token; null where it gave none';
comment on column iam.provider_members.check_at is 'When to ask the provider again; null where it cannot be asked';
comment on column iam.provider_members.last_seen_at is 'Last sign-in through it';
select ops.make_tenant_table('iam.provider_members');
create unique index provider_members_user on iam.provider_members (tenant_id, provider_id, user_id);
create index provider_members_account on iam.provider_members (user_id);
create index provider_members_secret on iam.provider_members (tenant_id, refresh_secret_id);
select ops.let_system_cross('iam.provider_members', 'select');

create table iam.user_idp_groups (
  tenant_id uuid, id uuid not null, user_id uuid not null references iam.users (id) on delete cascade, provider_id uuid not null,
  claim_kind text not null check (claim_kind in ('group', 'role')), group_name text not null check (length(group_name) between 1 and 500),
  seen_at timestamptz not null default now(), created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, provider_id) references iam.identity_providers (tenant_id, id) on delete cascade);
comment on table iam.user_idp_groups is 'Groups and roles of a person as the last token told them';
comment on column iam.user_idp_groups.user_id is 'The account';
comment on column iam.user_idp_groups.provider_id is 'The provider that told';
comment on column iam.user_idp_groups.claim_kind is 'Whether it came as a group or as a role';
comment on column iam.user_idp_groups.group_name is 'Its name there';
comment on column iam.user_idp_groups.seen_at is 'When a token last told it';
select ops.make_tenant_table('iam.user_idp_groups');
create unique index user_idp_groups_all on iam.user_idp_groups (tenant_id, user_id, claim_kind, group_name, provider_id);
create index user_idp_groups_account on iam.user_idp_groups (user_id);
create index user_idp_groups_provider on iam.user_idp_groups (tenant_id, provider_id);

create table iam.scim_users (
  tenant_id uuid, id uuid not null, user_id uuid not null references iam.users (id) on delete cascade, user_name citext not null check (length(user_name::text) between 1 and 320),
  external_id text, account_made boolean not null default false, attributes jsonb not null default '{}' check (octet_length(attributes::text) <= 20000),
  created_at timestamptz, updated_at timestamptz);
comment on table iam.scim_users is 'Members as the tenant''s directory keeps them over SCIM';
comment on column iam.scim_users.user_id is 'The account';
comment on column iam.scim_users.user_name is 'The directory''s name for the person';
comment on column iam.scim_users.external_id is 'The directory''s own key';
comment on column iam.scim_users.account_made is 'Whether the directory made the account, and so may change its name and address';
comment on column iam.scim_users.attributes is 'What else the directory keeps there; given back unchanged';
select ops.make_tenant_table('iam.scim_users');
create unique index scim_users_user on iam.scim_users (tenant_id, user_id);
create unique index scim_users_name on iam.scim_users (tenant_id, user_name);
create index scim_users_external on iam.scim_users (tenant_id, external_id);
create index scim_users_account on iam.scim_users (user_id);
select ops.let_system_cross('iam.scim_users', 'select');

create table iam.directory_groups (
  tenant_id uuid, id uuid not null, display_name citext not null check (length(display_name::text) between 1 and 500), external_id text, created_at timestamptz, updated_at timestamptz);
comment on table iam.directory_groups is 'Groups that the tenant''s directory keeps over SCIM; roles come from identity_provider_roles';
comment on column iam.directory_groups.display_name is 'Its name';
comment on column iam.directory_groups.external_id is 'The directory''s own key';
select ops.make_tenant_table('iam.directory_groups', audited => 'directory_group');
create unique index directory_groups_name on iam.directory_groups (tenant_id, display_name);
create index directory_groups_external on iam.directory_groups (tenant_id, external_id);

create table iam.directory_group_members (
  tenant_id uuid, id uuid not null, group_id uuid not null, user_id uuid not null references iam.users (id) on delete cascade, created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, group_id) references iam.directory_groups (tenant_id, id) on delete cascade);
comment on table iam.directory_group_members is 'Who is in a directory group';
comment on column iam.directory_group_members.group_id is 'The group';
comment on column iam.directory_group_members.user_id is 'The account';
select ops.make_tenant_table('iam.directory_group_members', audited => 'directory_group_member');
create unique index directory_group_members_pair on iam.directory_group_members (tenant_id, group_id, user_id);
create index directory_group_members_account on iam.directory_group_members (user_id);

create table iam.sign_in_states (
  tenant_id uuid, id uuid not null, provider_id uuid not null, state_hash bytea not null, browser_hash bytea not null, return_to text not null check (length(return_to) <= 2000),
  expires_at timestamptz not null, created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, provider_id) references iam.identity_providers (tenant_id, id) on delete cascade);
comment on table iam.sign_in_states is 'Sign-ins that are at a provider right now; each is taken once';
comment on column iam.sign_in_states.provider_id is 'Where the person was sent';
comment on column iam.sign_in_states.state_hash is 'SHA-256 of the state parameter';
comment on column iam.sign_in_states.browser_hash is 'SHA-256 of the cookie from which nonce and PKCE verifier are made; they are kept nowhere';
comment on column iam.sign_in_states.return_to is 'Where to go afterwards: a path of ours';
comment on column iam.sign_in_states.expires_at is 'When it is of no use any more';
select ops.make_tenant_table('iam.sign_in_states');
create unique index sign_in_states_state on iam.sign_in_states (state_hash);
create index sign_in_states_provider on iam.sign_in_states (tenant_id, provider_id);
create index sign_in_states_expiry on iam.sign_in_states (tenant_id, expires_at);
select ops.let_system_cross('iam.sign_in_states', 'select, delete');

create table iam.logout_tokens (
  tenant_id uuid, id uuid not null, token_id text not null check (length(token_id) between 1 and 500), provider_id uuid not null, expires_at timestamptz not null, created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, provider_id) references iam.identity_providers (tenant_id, id) on delete cascade);
comment on table iam.logout_tokens is 'Back-channel logout tokens that were used, so that none counts twice';
comment on column iam.logout_tokens.token_id is 'Its jti';
comment on column iam.logout_tokens.provider_id is 'Whose it is';
comment on column iam.logout_tokens.expires_at is 'From then on its age alone refuses it';
select ops.make_tenant_table('iam.logout_tokens');
create unique index logout_tokens_token on iam.logout_tokens (tenant_id, provider_id, token_id);
create index logout_tokens_expiry on iam.logout_tokens (tenant_id, expires_at);

-- Roles that a directory gave are marked, so that it can take them back and never takes one given by hand.
alter table iam.tenant_members add column role_provider_id uuid, add column own_role_tenant_id uuid, add column own_role_id uuid,
  add foreign key (tenant_id, role_provider_id) references iam.identity_providers (tenant_id, id) on delete set null (role_provider_id),
  add foreign key (own_role_tenant_id, own_role_id) references iam.roles (tenant_id, id),
  add check (own_role_tenant_id in (tenant_id, '00000000-0000-7000-8000-000000000001'));
comment on column iam.tenant_members.role_provider_id is 'Provider whose group gave the role; null where it was given by hand';
comment on column iam.tenant_members.own_role_tenant_id is 'Tenant of own_role_id';
comment on column iam.tenant_members.own_role_id is 'Role given by hand, to return to when the directory''s ends';
create index tenant_members_provider on iam.tenant_members (tenant_id, role_provider_id);
create index tenant_members_own_role on iam.tenant_members (own_role_tenant_id, own_role_id);
alter table iam.team_members add column from_directory boolean not null default false;
comment on column iam.team_members.from_directory is 'A directory made this place, and ends it with its last role';
alter table iam.team_member_roles add column provider_id uuid,
  add foreign key (tenant_id, provider_id) references iam.identity_providers (tenant_id, id) on delete cascade;
comment on column iam.team_member_roles.provider_id is 'Provider whose group gave the role; null where it was given by hand';
create index team_member_roles_provider on iam.team_member_roles (tenant_id, provider_id);

alter table iam.sessions add column access_hash bytea, add column access_expires_at timestamptz, add column ends_at timestamptz,
  add column provider_tenant_id uuid, add column provider_id uuid, add column provider_session text, add column is_confined boolean not null default false,
  add foreign key (provider_tenant_id, provider_id) references iam.identity_providers (tenant_id, id) on delete cascade;
comment on column iam.sessions.access_hash is 'SHA-256 of a program''s access token; null for a browser';
comment on column iam.sessions.access_expires_at is 'When the access token ends';
comment on column iam.sessions.ends_at is 'When the whole family ends, however often it is renewed';
comment on column iam.sessions.provider_tenant_id is 'Tenant of the provider';
comment on column iam.sessions.provider_id is 'Identity provider it came through; null for a password';
comment on column iam.sessions.provider_session is 'The provider''s name for its own session (sid)';
comment on column iam.sessions.is_confined is 'Works in its tenant only and without platform rights: a tenant''s own provider vouched for it';
create unique index sessions_access on iam.sessions (access_hash);
create index sessions_family on iam.sessions (family_id);
create index sessions_provider on iam.sessions (provider_tenant_id, provider_id);

-- Who holds this cookie or access token, and what they may do. No row: not signed in.
drop function iam.resolve_session(bytea);
create function iam.resolve_session(p_hash bytea) returns table (
  user_id uuid, tenant_id uuid, email text, display_name text, platform_role text, tenant_status text, permissions text[], team_ids uuid[],
  session_id uuid, is_confined boolean, check_provider uuid)
language sql stable set search_path = pg_catalog, iam, public as $f$
  select u.id, s.tenant_id, u.email::text, u.display_name, case when s.is_confined then 'user' else u.platform_role end, t.status,
    iam.permissions_in(s.tenant_id, u.id, place.team), case when place.team is null then '{}'::uuid[] else array[place.team] end, s.id, s.is_confined,
    (select pm.provider_id from iam.provider_members pm
     where pm.tenant_id = s.provider_tenant_id and pm.provider_id = s.provider_id and pm.user_id = s.user_id and pm.check_at <= now())
  from iam.sessions s
  join iam.users u on u.id = s.user_id and u.is_active and u.deleted_at is null
  join iam.tenants t on t.id = s.tenant_id
  join iam.tenant_members m on m.tenant_id = t.id and m.user_id = u.id and m.status = 'active' and m.deleted_at is null
  left join iam.identity_providers p on p.tenant_id = s.provider_tenant_id and p.id = s.provider_id and p.is_enabled and p.deleted_at is null
  cross join lateral (select iam.working_team(s.tenant_id, u.id, s.team_id) as team) place
  where (s.refresh_hash = p_hash and s.access_hash is null or s.access_hash = p_hash and s.access_expires_at > now())
    and s.revoked_at is null and s.expires_at > now() and (s.provider_id is null or p.id is not null)
$f$;
select ops.cross_tenants('iam.resolve_session(bytea)');

-- Ends the family that a cookie, an access token or a refresh token belongs to.
create or replace function iam.close_session(p_hash bytea) returns void language sql set search_path = pg_catalog, iam as $f$
  update iam.sessions s set revoked_at = now()
  where s.family_id in (select f.family_id from iam.sessions f where f.refresh_hash = p_hash or f.access_hash = p_hash) and s.revoked_at is null
$f$;
select ops.cross_tenants('iam.close_session(bytea)');

-- Which sessions of an account work in one tenant.
create function iam.sessions_in(p_user uuid, p_tenant uuid) returns setof uuid language sql stable set search_path = pg_catalog, iam as $f$
  select s.id from iam.sessions s where s.user_id = p_user and s.tenant_id = p_tenant
$f$;
select ops.cross_tenants('iam.sessions_in(uuid, uuid)');

-- Begins a family of a program's tokens.
create function iam.open_token_session(p_id uuid, p_user uuid, p_tenant uuid, p_refresh bytea, p_access bytea, p_refresh_seconds int, p_access_seconds int, p_ends_seconds int,
  p_ip inet, p_user_agent text) returns void language sql set search_path = pg_catalog, iam as $f$
  delete from iam.sessions where user_id = p_user and expires_at < now() - interval '1 day';
  insert into iam.sessions (id, user_id, tenant_id, family_id, refresh_hash, access_hash, expires_at, access_expires_at, ends_at, ip_address, user_agent)
  values (p_id, p_user, p_tenant, p_id, p_refresh, p_access, now() + make_interval(secs => p_refresh_seconds), now() + make_interval(secs => p_access_seconds),
    now() + make_interval(secs => p_ends_seconds), p_ip, left(p_user_agent, 400))
$f$;
select ops.cross_tenants('iam.open_token_session(uuid, uuid, uuid, bytea, bytea, int, int, int, inet, text)');

-- Exchanges a refresh token for the next of its family. One that was exchanged before ends the family, unless that happened while this
-- request was already on its way (p_waited_ms): two requests of one client at a time are no theft, and the later one is told so.
create function iam.refresh_session(p_hash bytea, p_id uuid, p_refresh bytea, p_access bytea, p_refresh_seconds int, p_access_seconds int, p_waited_ms int,
  p_ip inet, p_user_agent text)
returns table (outcome text, user_id uuid, tenant_id uuid, display_name text) language plpgsql set search_path = pg_catalog, iam as $f$
#variable_conflict use_column
declare
  old iam.sessions; holder record;
begin
  select * into old from iam.sessions s where s.refresh_hash = p_hash and s.access_hash is not null for update;
  if not found then
    return query select 'unknown', null::uuid, null::uuid, null::text;
    return;
  end if;
  select u.display_name, t.status into holder from iam.users u
  join iam.tenants t on t.id = old.tenant_id
  join iam.tenant_members m on m.tenant_id = t.id and m.user_id = u.id and m.status = 'active' and m.deleted_at is null
  where u.id = old.user_id and u.is_active and u.deleted_at is null;
  if old.revoked_at is not null or old.expires_at <= now() or old.ends_at <= now() or holder is null then
    return query select 'ended', old.user_id, old.tenant_id, ''::text;
  elsif old.rotated_at > now() - make_interval(secs => p_waited_ms / 1000.0) then
    return query select 'raced', old.user_id, old.tenant_id, holder.display_name;
  elsif old.rotated_at is not null then
    update iam.sessions s set revoked_at = now() where s.family_id = old.family_id and s.revoked_at is null;
    return query select 'reused', old.user_id, old.tenant_id, holder.display_name;
  elsif holder.status <> 'active' then
    return query select 'suspended', old.user_id, old.tenant_id, holder.display_name;
  else
    update iam.sessions s set rotated_at = clock_timestamp() where s.id = old.id;
    insert into iam.sessions (id, user_id, tenant_id, team_id, family_id, refresh_hash, access_hash, expires_at, access_expires_at, ends_at, ip_address, user_agent)
    values (p_id, old.user_id, old.tenant_id, old.team_id, old.family_id, p_refresh, p_access, least(old.ends_at, now() + make_interval(secs => p_refresh_seconds)),
      least(old.ends_at, now() + make_interval(secs => p_access_seconds)), old.ends_at, p_ip, left(p_user_agent, 400));
    return query select 'renewed', old.user_id, old.tenant_id, holder.display_name;
  end if;
end $f$;
select ops.cross_tenants('iam.refresh_session(bytea, uuid, bytea, bytea, int, int, int, inet, text)');

-- The account behind an address for the development sign-in: no password is asked.
create function iam.find_account_by_address(p_email text) returns table (user_id uuid, display_name text, is_active boolean, tenants jsonb)
language sql stable set search_path = pg_catalog, iam, public as $f$
  select u.id, u.display_name, u.is_active, (
    select coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'slug', t.slug, 'name', t.name, 'status', t.status) order by t.name), '[]')
    from iam.tenant_members m join iam.tenants t on t.id = m.tenant_id and t.status <> 'deleted'
    where m.user_id = u.id and m.status = 'active' and m.deleted_at is null)
  from iam.users u where u.email = p_email::citext and u.deleted_at is null
$f$;
select ops.cross_tenants('iam.find_account_by_address(text)');

-- Buttons of the sign-in page: providers of a named tenant, or those an address's domain is led to, or those of the only tenant there is.
create function iam.sign_in_options(p_domain text, p_slug text) returns table (id uuid, name text, tenant_slug text, tenant_name text)
language sql stable set search_path = pg_catalog, iam, public as $f$
  select p.id, p.name, t.slug::text, t.name from iam.identity_providers p join iam.tenants t on t.id = p.tenant_id and t.status = 'active'
  where p.is_enabled and p.deleted_at is null
    and case when p_slug is not null then t.slug = p_slug::citext
        when p_domain is not null then p.email_domains @> array[lower(p_domain)]
        else (select count(*) from (select from iam.tenants o where o.status <> 'deleted' limit 2) few) = 1 end
  order by t.name, p.name limit 50
$f$;
select ops.cross_tenants('iam.sign_in_options(text, text)');

-- A provider before anybody is signed in. No row: there is none, or it is switched off.
create function iam.identity_provider_door(p_id uuid) returns table (tenant_id uuid, tenant_status text)
language sql stable set search_path = pg_catalog, iam as $f$
  select p.tenant_id, t.status from iam.identity_providers p join iam.tenants t on t.id = p.tenant_id
  where p.id = p_id and p.is_enabled and p.deleted_at is null
$f$;
select ops.cross_tenants('iam.identity_provider_door(uuid)');

-- Takes a sign-in that came back from its provider: once, however often it is asked.
create function iam.take_sign_in(p_state_hash bytea) returns table (tenant_id uuid, provider_id uuid, browser_hash bytea, return_to text)
language sql set search_path = pg_catalog, iam as $f$
  delete from iam.sign_in_states s where s.state_hash = p_state_hash and s.expires_at > now() returning s.tenant_id, s.provider_id, s.browser_hash, s.return_to
$f$;
select ops.cross_tenants('iam.take_sign_in(bytea)');

-- What is known of somebody a provider vouches for: the account joined to that identity, else the one its directory named, else the one with that address.
create function iam.federated_account(p_tenant uuid, p_issuer text, p_subject text, p_external text, p_email text) returns table (
  user_id uuid, found_by text, is_active boolean, place text, known_elsewhere boolean, teams int, tenants jsonb)
language sql stable set search_path = pg_catalog, iam, public as $f$
  with found as (
    select i.user_id, 'identity' as how, 1 as rank from iam.user_identities i where i.issuer = p_issuer and i.subject = p_subject
    union all select d.user_id, 'directory', 2 from iam.scim_users d where d.tenant_id = p_tenant and d.external_id in (p_subject, p_external) and d.account_made
    union all select u.id, 'email', 3 from iam.users u where u.email = p_email::citext and u.deleted_at is null)
  select u.id, f.how, u.is_active and u.deleted_at is null,
    coalesce(m.status, (select 'removed' from iam.tenant_members g where g.tenant_id = p_tenant and g.user_id = u.id limit 1)),
    exists (select from iam.user_identities i where i.user_id = u.id and i.issuer = p_issuer and i.subject <> p_subject),
    (select count(*)::int from iam.team_members tm where tm.tenant_id = p_tenant and tm.user_id = u.id and tm.deleted_at is null),
    (select coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'slug', t.slug, 'name', t.name, 'status', t.status) order by t.name), '[]')
     from iam.tenant_members o join iam.tenants t on t.id = o.tenant_id and t.status <> 'deleted'
     where o.user_id = u.id and o.status = 'active' and o.deleted_at is null)
  from found f join iam.users u on u.id = f.user_id
  left join iam.tenant_members m on m.tenant_id = p_tenant and m.user_id = u.id and m.deleted_at is null
  order by f.rank limit 1
$f$;
select ops.cross_tenants('iam.federated_account(uuid, text, text, text, text)');

-- Joins an account to who it is at a provider. False when that identity belongs to another account by now.
create function iam.join_identity(p_id uuid, p_user uuid, p_issuer text, p_subject text, p_email text) returns boolean
language sql set search_path = pg_catalog, iam, public as $f$
  insert into iam.user_identities (id, user_id, issuer, subject, email_at_link, last_seen_at) values (p_id, p_user, p_issuer, p_subject, p_email::citext, now())
  on conflict (issuer, subject) do update set last_seen_at = now();
  update iam.users set last_login_at = now() where id = p_user;
  select i.user_id = p_user from iam.user_identities i where i.issuer = p_issuer and i.subject = p_subject
$f$;
select ops.cross_tenants('iam.join_identity(uuid, uuid, text, text, text)');

-- A browser's session that a provider vouched for. Without a tenant it can do nothing but choose one.
create function iam.open_provider_session(p_id uuid, p_user uuid, p_tenant uuid, p_hash bytea, p_seconds int, p_provider_tenant uuid, p_provider uuid, p_provider_session text,
  p_confined boolean, p_ip inet, p_user_agent text) returns void language sql set search_path = pg_catalog, iam as $f$
  delete from iam.sessions where user_id = p_user and expires_at < now() - interval '1 day';
  insert into iam.sessions (id, user_id, tenant_id, family_id, refresh_hash, expires_at, provider_tenant_id, provider_id, provider_session, is_confined, ip_address, user_agent)
  values (p_id, p_user, p_tenant, p_id, p_hash, now() + make_interval(secs => p_seconds), p_provider_tenant, p_provider, p_provider_session, p_confined, p_ip, left(p_user_agent, 400))
$f$;
select ops.cross_tenants('iam.open_provider_session(uuid, uuid, uuid, bytea, int, uuid, uuid, text, boolean, inet, text)');

-- The tenants a session without one may choose from.
create function iam.session_choices(p_hash bytea) returns table (user_id uuid, display_name text, tenants jsonb)
language sql stable set search_path = pg_catalog, iam as $f$
  select u.id, u.display_name, (
    select coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'slug', t.slug, 'name', t.name, 'status', t.status) order by t.name), '[]')
    from iam.tenant_members m join iam.tenants t on t.id = m.tenant_id and t.status <> 'deleted'
    where m.user_id = u.id and m.status = 'active' and m.deleted_at is null)
  from iam.sessions s join iam.users u on u.id = s.user_id and u.is_active and u.deleted_at is null
  where s.refresh_hash = p_hash and s.access_hash is null and s.tenant_id is null and not s.is_confined and s.revoked_at is null and s.expires_at > now()
$f$;
select ops.cross_tenants('iam.session_choices(bytea)');

create function iam.choose_session_tenant(p_hash bytea, p_tenant uuid) returns boolean language sql set search_path = pg_catalog, iam as $f$
  with chosen as (
    update iam.sessions s set tenant_id = p_tenant
    where s.refresh_hash = p_hash and s.access_hash is null and s.tenant_id is null and not s.is_confined and s.revoked_at is null and s.expires_at > now()
      and exists (select from iam.tenant_members m where m.tenant_id = p_tenant and m.user_id = s.user_id and m.status = 'active' and m.deleted_at is null)
    returning 1)
  select exists (select from chosen)
$f$;
select ops.cross_tenants('iam.choose_session_tenant(bytea, uuid)');

-- Ends what a provider vouched for: all sessions of a person there, or the one it names. Returns whose they were.
create function iam.end_provider_sessions(p_tenant uuid, p_provider uuid, p_user uuid, p_provider_session text) returns setof uuid
language sql set search_path = pg_catalog, iam as $f$
  update iam.sessions s set revoked_at = now()
  where s.provider_tenant_id = p_tenant and s.provider_id = p_provider and s.revoked_at is null
    and (p_user is null or s.user_id = p_user) and (p_provider_session is null or s.provider_session = p_provider_session)
    and (p_user is not null or p_provider_session is not null)
  returning s.user_id
$f$;
select ops.cross_tenants('iam.end_provider_sessions(uuid, uuid, uuid, text)');

-- A directory changes the account it made: refused for one that somebody else may rely on. Returns whether it was changed.
create function iam.change_directory_account(p_tenant uuid, p_user uuid, p_email text, p_name text, p_first text, p_last text) returns boolean
language sql set search_path = pg_catalog, iam, public as $f$
  with changed as (
    update iam.users u set email = coalesce(p_email::citext, u.email), display_name = coalesce(p_name, u.display_name), first_name = coalesce(p_first, u.first_name),
      last_name = coalesce(p_last, u.last_name), email_verified_at = case when p_email is null or p_email::citext = u.email then u.email_verified_at end
    where u.id = p_user and u.platform_role = 'user'
      and exists (select from iam.scim_users d where d.tenant_id = p_tenant and d.user_id = u.id and d.account_made)
      and not exists (select from iam.tenant_members m where m.user_id = u.id and m.tenant_id <> p_tenant and m.deleted_at is null)
    returning 1)
  select exists (select from changed)
$f$;
select ops.cross_tenants('iam.change_directory_account(uuid, uuid, text, text, text, text)');

-- A place in the caller's tenant with the least role there is; back again where there was one. Returns whether it is new.
create function iam.admit(p_id uuid, p_user uuid) returns boolean language sql set search_path = pg_catalog, iam as $f$
  with admitted as (
    insert into iam.tenant_members (id, user_id, role_tenant_id, role_id)
    select p_id, p_user, r.tenant_id, r.id from iam.roles r where r.tenant_id = ops.platform_tenant() and r.key = 'tenant_user'
    on conflict (tenant_id, user_id) where deleted_at is null do nothing
    returning 1)
  select exists (select from admitted)
$f$;

-- Forgets whom a provider knows and what it said of them, with the tokens to ask it again.
create function iam.forget_provider(p_provider uuid) returns void language sql set search_path = pg_catalog, iam, ops as $f$
  with gone as (delete from iam.provider_members m where m.tenant_id = ops.tenant() and m.provider_id = p_provider returning m.refresh_secret_id)
  delete from ops.secrets s using gone where s.tenant_id = ops.tenant() and s.id = gone.refresh_secret_id;
  delete from iam.user_idp_groups g where g.tenant_id = ops.tenant() and g.provider_id = p_provider;
$f$;

-- Forgets what directories said of a person in the caller's tenant, with the tokens to ask again. For erasing somebody.
create function iam.forget_directory(p_user uuid) returns int language sql set search_path = pg_catalog, iam, ops as $f$
  with gone as (delete from iam.provider_members m where m.tenant_id = ops.tenant() and m.user_id = p_user returning m.refresh_secret_id),
  secrets as (delete from ops.secrets s using gone where s.tenant_id = ops.tenant() and s.id = gone.refresh_secret_id returning 1),
  groups as (delete from iam.user_idp_groups g where g.tenant_id = ops.tenant() and g.user_id = p_user returning 1),
  places as (delete from iam.directory_group_members g where g.tenant_id = ops.tenant() and g.user_id = p_user returning 1),
  people as (delete from iam.scim_users u where u.tenant_id = ops.tenant() and u.user_id = p_user returning 1)
  select ((select count(*) from gone) + (select count(*) from secrets) + (select count(*) from groups) + (select count(*) from places) + (select count(*) from people))::int
$f$;

-- Whether a member may come in, as their directory wants it. A suspension by an administrator stays. Whoever may not is signed out here and now.
create function iam.set_place(p_user uuid, p_active boolean) returns void language plpgsql set search_path = pg_catalog, iam as $f$
begin
  update iam.tenant_members set status = case when p_active then 'active' else 'inactive' end
  where tenant_id = ops.tenant() and user_id = p_user and deleted_at is null and status <> 'suspended';
  if not p_active then
    perform iam.end_sessions(p_user, ops.tenant(), null, null);
  end if;
end $f$;

-- A team of one's own, named after oneself, with the rights of its owner.
create function iam.make_personal_team(p_team uuid, p_user uuid, p_name text, p_slug text) returns void language plpgsql set search_path = pg_catalog, iam, public as $f$
declare
  member uuid := ops.uuid7();
begin
  insert into iam.teams (id, name, slug, kind, owner_user_id, created_by)
  values (p_team, p_name, case when exists (select from iam.teams t where t.slug = p_slug::citext and t.deleted_at is null)
    then p_slug || '-' || right(p_team::text, 6) else p_slug end, 'personal', p_user, p_user);
  insert into iam.team_members (id, team_id, user_id, accepted_at) values (member, p_team, p_user, now());
  insert into iam.team_member_roles (id, team_member_id, role_tenant_id, role_id)
    select ops.uuid7(), member, r.tenant_id, r.id from iam.roles r where r.tenant_id = ops.platform_tenant() and r.key = 'team_owner';
end $f$;

-- Makes the roles that the directory gives a member equal to what it says now: groups of the last token and of SCIM, through identity_provider_roles.
-- Roles given by hand stay. The last administrator of the tenant and the last owner of a team keep their role, whatever the directory says (LY001).
-- Returns whether anything changed.
create function iam.apply_directory(p_user uuid) returns boolean language plpgsql set search_path = pg_catalog, iam, public as $f$
#variable_conflict use_column
declare
  place iam.tenant_members; best record; given record; changed boolean := false; touched int;
begin
  select * into place from iam.tenant_members m where m.tenant_id = ops.tenant() and m.user_id = p_user and m.deleted_at is null for update;
  if not found then
    return false;
  end if;
  create temporary table if not exists directory_wanted (provider_id uuid, role_tenant_id uuid, role_id uuid, team_id uuid) on commit drop;
  delete from directory_wanted;
  insert into directory_wanted
  select distinct on (r.role_tenant_id, r.role_id, r.team_id) r.provider_id, r.role_tenant_id, r.role_id, r.team_id
  from iam.identity_provider_roles r
  join iam.identity_providers p on p.tenant_id = r.tenant_id and p.id = r.provider_id and p.is_enabled and p.deleted_at is null
  join iam.roles role on role.tenant_id = r.role_tenant_id and role.id = r.role_id and role.deleted_at is null
  left join iam.teams t on t.tenant_id = r.tenant_id and t.id = r.team_id
  where r.tenant_id = ops.tenant() and (r.team_id is null or t.deleted_at is null) and (
    exists (select from iam.user_idp_groups g where g.tenant_id = r.tenant_id and g.user_id = p_user and g.provider_id = r.provider_id and g.group_name = r.group_name)
    or exists (select from iam.directory_group_members gm join iam.directory_groups dg on dg.tenant_id = gm.tenant_id and dg.id = gm.group_id
               where gm.tenant_id = r.tenant_id and gm.user_id = p_user and dg.display_name = r.group_name::citext));

  -- In teams: give, then take back, so that nobody is without an owner in between.
  with joined as (
    insert into iam.team_members (id, team_id, user_id, accepted_at, from_directory)
    select ops.uuid7(), w.team_id, p_user, now(), true from (select distinct team_id from directory_wanted where team_id is not null) w
    on conflict (tenant_id, team_id, user_id) where deleted_at is null do nothing returning 1)
  select count(*) into touched from joined;
  changed := changed or touched > 0;
  with given as (
    insert into iam.team_member_roles (id, team_member_id, role_tenant_id, role_id, provider_id)
    select ops.uuid7(), tm.id, w.role_tenant_id, w.role_id, w.provider_id from directory_wanted w
    join iam.team_members tm on tm.tenant_id = ops.tenant() and tm.team_id = w.team_id and tm.user_id = p_user and tm.deleted_at is null
    on conflict (tenant_id, team_member_id, role_tenant_id, role_id) do nothing returning 1)
  select count(*) into touched from given;
  changed := changed or touched > 0;
  for given in
    select tr.id, tm.id as member from iam.team_member_roles tr join iam.team_members tm on tm.tenant_id = tr.tenant_id and tm.id = tr.team_member_id
    where tr.tenant_id = ops.tenant() and tm.user_id = p_user and tm.deleted_at is null and tr.provider_id is not null
      and not exists (select from directory_wanted w where w.team_id = tm.team_id and w.role_tenant_id = tr.role_tenant_id and w.role_id = tr.role_id)
  loop
    begin
      delete from iam.team_member_roles tr where tr.tenant_id = place.tenant_id and tr.id = given.id;
      update iam.team_members tm set deleted_at = now()
      where tm.tenant_id = place.tenant_id and tm.id = given.member and tm.from_directory
        and not exists (select from iam.team_member_roles tr where tr.tenant_id = tm.tenant_id and tr.team_member_id = tm.id);
      changed := true;
    exception when sqlstate 'LY001' then
      null; -- the team's last owner
    end;
  end loop;

  -- In the tenant there is one role: the stronger of the directory's and the one given by hand.
  select w.provider_id, w.role_tenant_id, w.role_id, r.rank into best
  from directory_wanted w join iam.roles r on r.tenant_id = w.role_tenant_id and r.id = w.role_id
  where w.team_id is null
    and r.rank > (select own.rank from iam.roles own
      where own.tenant_id = case when place.role_provider_id is null then place.role_tenant_id else coalesce(place.own_role_tenant_id, place.role_tenant_id) end
        and own.id = case when place.role_provider_id is null then place.role_id else coalesce(place.own_role_id, place.role_id) end)
  order by r.rank desc, w.role_id limit 1;
  begin
    if best is not null and (place.role_tenant_id, place.role_id) is distinct from (best.role_tenant_id, best.role_id) then
      if place.role_provider_id is null then
        place.own_role_tenant_id := place.role_tenant_id;
        place.own_role_id := place.role_id;
      end if;
      update iam.tenant_members m set role_tenant_id = best.role_tenant_id, role_id = best.role_id, role_provider_id = best.provider_id,
        own_role_tenant_id = place.own_role_tenant_id, own_role_id = place.own_role_id
      where m.tenant_id = place.tenant_id and m.id = place.id;
      changed := true;
    elsif best is null and place.role_provider_id is not null and place.own_role_id is not null then
      update iam.tenant_members m set role_tenant_id = place.own_role_tenant_id, role_id = place.own_role_id, role_provider_id = null,
        own_role_tenant_id = null, own_role_id = null
      where m.tenant_id = place.tenant_id and m.id = place.id;
      changed := true;
    end if;
  exception when sqlstate 'LY001' then
    null; -- the tenant's last administrator
  end;
  return changed;
end $f$;

select iam.audit_by_act('iam.directory_groups', 'directory_group'), iam.audit_by_act('iam.directory_group_members', 'directory_group_member');
create trigger tell after update of is_enabled, deleted_at or delete on iam.identity_providers for each statement execute function iam.tell_access();

select iam.ship_permission('iam.identity_providers.manage', 'iam', 'Set up through which identity providers people sign in, and which roles their groups give', 'tenant_admin');
select iam.ship_permission('iam.oauth_clients.manage', 'iam', 'Register applications at outside services', 'tenant_admin');
select iam.ship_permission('iam.scim.use', 'iam', 'Keep people and groups over SCIM', 'tenant_admin');

-- migrate:down
alter table iam.role_permissions no force row level security;
delete from iam.role_permissions where permission_key in ('iam.identity_providers.manage', 'iam.oauth_clients.manage', 'iam.scim.use');
alter table iam.role_permissions force row level security;
delete from iam.permissions where key in ('iam.identity_providers.manage', 'iam.oauth_clients.manage', 'iam.scim.use');
drop function iam.apply_directory(uuid);
drop function iam.make_personal_team(uuid, uuid, text, text);
drop function iam.set_place(uuid, boolean);
drop function iam.forget_directory(uuid);
drop function iam.forget_provider(uuid);
drop function iam.admit(uuid, uuid);
drop function iam.change_directory_account(uuid, uuid, text, text, text, text);
drop function iam.end_provider_sessions(uuid, uuid, uuid, text);
drop function iam.choose_session_tenant(bytea, uuid);
drop function iam.session_choices(bytea);
drop function iam.open_provider_session(uuid, uuid, uuid, bytea, int, uuid, uuid, text, boolean, inet, text);
drop function iam.join_identity(uuid, uuid, text, text, text);
drop function iam.federated_account(uuid, text, text, text, text);
drop function iam.take_sign_in(bytea);
drop function iam.identity_provider_door(uuid);
drop function iam.sign_in_options(text, text);
drop function iam.find_account_by_address(text);
drop function iam.refresh_session(bytea, uuid, bytea, bytea, int, int, int, inet, text);
drop function iam.sessions_in(uuid, uuid);
drop function iam.open_token_session(uuid, uuid, uuid, bytea, bytea, int, int, int, inet, text);
drop function iam.resolve_session(bytea);
create or replace function iam.close_session(p_hash bytea) returns void language sql set search_path = pg_catalog, iam as $f$
  update iam.sessions set revoked_at = now() where refresh_hash = p_hash and revoked_at is null
$f$;
select ops.cross_tenants('iam.close_session(bytea)');
alter table iam.sessions drop column access_hash, drop column access_expires_at, drop column ends_at, drop column provider_tenant_id, drop column provider_id,
  drop column provider_session, drop column is_confined;
alter table iam.team_member_roles drop column provider_id;
alter table iam.team_members drop column from_directory;
alter table iam.tenant_members drop column role_provider_id, drop column own_role_tenant_id, drop column own_role_id;
drop table iam.logout_tokens, iam.sign_in_states, iam.directory_group_members, iam.directory_groups, iam.scim_users, iam.user_idp_groups, iam.provider_members,
  iam.user_identities, iam.identity_provider_roles, iam.identity_providers;

create function iam.resolve_session(p_hash bytea) returns table (
  user_id uuid, tenant_id uuid, email text, display_name text, platform_role text, tenant_status text, permissions text[], team_ids uuid[])
language sql stable set search_path = pg_catalog, iam, public as $f$
  select u.id, s.tenant_id, u.email::text, u.display_name, u.platform_role, t.status,
    iam.permissions_in(s.tenant_id, u.id, place.team), case when place.team is null then '{}'::uuid[] else array[place.team] end
  from iam.sessions s
  join iam.users u on u.id = s.user_id and u.is_active and u.deleted_at is null
  join iam.tenants t on t.id = s.tenant_id
  join iam.tenant_members m on m.tenant_id = t.id and m.user_id = u.id and m.status = 'active' and m.deleted_at is null
  cross join lateral (select iam.working_team(s.tenant_id, u.id, s.team_id) as team) place
  where s.refresh_hash = p_hash and s.revoked_at is null and s.expires_at > now()
$f$;
select ops.cross_tenants('iam.resolve_session(bytea)');
