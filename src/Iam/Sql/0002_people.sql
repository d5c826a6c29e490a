-- People: what a member may do in the team they work in, invitations, links sent by mail, and what must never be left without an owner.
-- migrate:up

-- Adds a permission and gives it to the lowest shipped role that has it and to every shipped role above it in the same scope.
-- tenant_admin has all there are. Every room calls this from its own migrations.
create function iam.ship_permission(p_key text, p_area text, p_description text, p_lowest text) returns void language sql as $f$
  insert into iam.permissions values (p_key, p_area, p_description);
  insert into iam.role_permissions (tenant_id, id, role_id, permission_key)
    select r.tenant_id, ops.uuid7(), r.id, p_key
    from iam.roles low join iam.roles r on r.tenant_id = low.tenant_id and r.is_system
      and (r.scope = low.scope and r.rank >= low.rank or r.scope = 'tenant' and r.rank >= (select max(rank) from iam.roles where is_system and scope = 'tenant'))
    where low.tenant_id = ops.platform_tenant() and low.key = p_lowest;
$f$;
revoke all on function iam.ship_permission(text, text, text, text) from public;

insert into iam.roles (tenant_id, id, key, name, rank, is_system, scope) values
  (ops.platform_tenant(), '00000000-0000-7000-8000-000000000103', 'tenant_viewer', 'Guest', 5, true, 'tenant'),
  (ops.platform_tenant(), '00000000-0000-7000-8000-000000000115', 'team_collaborator', 'Collaborator', 30, true, 'team'),
  (ops.platform_tenant(), '00000000-0000-7000-8000-000000000116', 'team_manager', 'Manager', 70, true, 'team')
  on conflict do nothing;
-- What a role below may do, the new ones may too.
insert into iam.role_permissions (tenant_id, id, role_id, permission_key)
  select distinct on (r.id, rp.permission_key) r.tenant_id, ops.uuid7(), r.id, rp.permission_key
  from iam.roles r join iam.roles low on low.tenant_id = r.tenant_id and low.is_system and low.scope = r.scope and low.rank < r.rank
  join iam.role_permissions rp on rp.tenant_id = low.tenant_id and rp.role_id = low.id
  where r.tenant_id = ops.platform_tenant() and r.key in ('team_collaborator', 'team_manager')
  on conflict do nothing;
insert into iam.role_permissions (tenant_id, id, role_id, permission_key)
  values (ops.platform_tenant(), ops.uuid7(), '00000000-0000-7000-8000-000000000115', 'knowledge.documents.write') on conflict do nothing;
select iam.ship_permission('iam.members.manage', 'iam', 'Change the role and status of members of the organisation, and remove them', 'tenant_admin');
select iam.ship_permission('iam.members.invite', 'iam', 'Invite people to a team', 'team_admin');
select iam.ship_permission('iam.roles.manage', 'iam', 'Make, change and delete the organisation''s own roles', 'tenant_admin');
select iam.ship_permission('iam.teams.create', 'iam', 'Make a team of one''s own', 'tenant_user');
select iam.ship_permission('iam.teams.manage', 'iam', 'Change a team''s settings, delete and restore it', 'team_admin');
select iam.ship_permission('iam.teams.members', 'iam', 'Add people to a team, change their roles there and remove them', 'team_admin');
select iam.ship_permission('iam.teams.own', 'iam', 'Own a team: a team with members always has one who does', 'team_owner');

create table iam.tenant_member_permissions (
  tenant_id uuid, id uuid not null, member_id uuid not null, permission_key text not null references iam.permissions (key) on update cascade,
  effect text not null check (effect in ('allow', 'deny')), created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, member_id) references iam.tenant_members (tenant_id, id) on delete cascade);
comment on table iam.tenant_member_permissions is 'What one member may beyond their roles, or may not in spite of them';
comment on column iam.tenant_member_permissions.member_id is 'The member';
comment on column iam.tenant_member_permissions.permission_key is 'The permission';
comment on column iam.tenant_member_permissions.effect is 'allow adds it; deny takes it away, whatever grants it';
select ops.make_tenant_table('iam.tenant_member_permissions');
create unique index tenant_member_permissions_pair on iam.tenant_member_permissions (tenant_id, member_id, permission_key);
create index tenant_member_permissions_permission on iam.tenant_member_permissions (permission_key);
select ops.let_system_cross('iam.tenant_member_permissions', 'select');

create table iam.invitations (
  tenant_id uuid, id uuid not null, team_id uuid, email citext not null check (email ~ '^[^@\s]+@[^@\s]+$' and length(email) <= 320),
  first_name text check (length(first_name) <= 100), last_name text check (length(last_name) <= 100),
  selector text not null check (length(selector) = 16), verifier_hash bytea not null check (octet_length(verifier_hash) = 32),
  status text not null default 'pending' check (status in ('pending', 'accepted', 'declined', 'revoked', 'expired')),
  invited_by uuid references iam.users (id) on delete set null, expires_at timestamptz not null, responded_at timestamptz,
  accepted_by uuid references iam.users (id) on delete set null, sent_at timestamptz,
  created_at timestamptz, updated_at timestamptz, deleted_at timestamptz,
  check ((status in ('accepted', 'declined', 'revoked')) = (responded_at is not null)),
  foreign key (tenant_id, team_id) references iam.teams (tenant_id, id) on delete cascade);
comment on table iam.invitations is 'Who was asked to join the organisation or a team of it, and what became of it';
comment on column iam.invitations.team_id is 'The team to join; null for the organisation alone';
comment on column iam.invitations.email is 'Whom it is for; nobody else can accept it';
comment on column iam.invitations.first_name is 'First name, as the inviter knows it';
comment on column iam.invitations.last_name is 'Last name, as the inviter knows it';
comment on column iam.invitations.selector is 'Part of the link that finds the row; not secret';
comment on column iam.invitations.verifier_hash is 'SHA-256 of the secret part of the link';
comment on column iam.invitations.status is 'pending until it is answered, taken back or found to be too old';
comment on column iam.invitations.invited_by is 'Who invited';
comment on column iam.invitations.expires_at is 'When the link ends';
comment on column iam.invitations.responded_at is 'When it was accepted, declined or revoked';
comment on column iam.invitations.accepted_by is 'The account that accepted';
comment on column iam.invitations.sent_at is 'When a mail server took the mail with the link: then opening it proves the address; null while it did not';
select ops.make_tenant_table('iam.invitations', audited => 'invitation', ignored => '{sent_at}');
create unique index invitations_selector on iam.invitations (selector);
create unique index invitations_pending on iam.invitations (tenant_id, team_id, email) nulls not distinct where status = 'pending' and deleted_at is null;
create index invitations_team on iam.invitations (tenant_id, team_id);
create index invitations_inviter on iam.invitations (invited_by);
create index invitations_accepter on iam.invitations (accepted_by);
select ops.let_system_cross('iam.invitations', 'select');

create table iam.invitation_roles (
  tenant_id uuid, id uuid not null, invitation_id uuid not null,
  role_tenant_id uuid not null check (role_tenant_id in (tenant_id, '00000000-0000-7000-8000-000000000001')), role_id uuid not null,
  created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, invitation_id) references iam.invitations (tenant_id, id) on delete cascade,
  foreign key (role_tenant_id, role_id) references iam.roles (tenant_id, id));
comment on table iam.invitation_roles is 'Roles that accepting an invitation gives';
comment on column iam.invitation_roles.invitation_id is 'The invitation';
comment on column iam.invitation_roles.role_tenant_id is 'Tenant of the role: the own or the platform''s';
comment on column iam.invitation_roles.role_id is 'The role';
select ops.make_tenant_table('iam.invitation_roles');
create unique index invitation_roles_pair on iam.invitation_roles (tenant_id, invitation_id, role_tenant_id, role_id);
create index invitation_roles_role on iam.invitation_roles (role_tenant_id, role_id);

alter table iam.sessions add team_id uuid,
  add constraint sessions_team foreign key (tenant_id, team_id) references iam.teams (tenant_id, id) on delete set null (team_id);
comment on column iam.sessions.team_id is 'Team it works in; null for the first its account joined';
create index sessions_team on iam.sessions (tenant_id, team_id);
create unique index user_credentials_reset on iam.user_credentials (reset_token_hash) where reset_token_hash is not null;
create unique index user_credentials_verification on iam.user_credentials (verification_token_hash) where verification_token_hash is not null;
grant update (avatar_object_id) on iam.users to lyceum_app;

-- One act, one audit row. Within AuditLog.Act (which sets app.audit_act to the id of the row it is going to write) these
-- tables' own triggers are silent, and the transaction cannot commit unless that row was written in it.
create function iam.check_act() returns trigger language plpgsql set search_path = pg_catalog as $f$
begin
  if not exists (select from ops.audit_logs l where l.tenant_id = nullif(current_setting('app.current_tenant_id', true), '')::uuid
    and l.id = nullif(current_setting('app.audit_act', true), '')::uuid and l.created_at = now()) then
    raise exception 'A change of % is not in the audit log.', tg_relid::regclass;
  end if;
  return null;
end $f$;
create function iam.audit_by_act(target regclass, resource text, ignored text default '') returns void language plpgsql as $f$
begin
  execute format('drop trigger audit on %s', target);
  execute format('create trigger audit after insert or update or delete on %s for each row
    when (coalesce(current_setting(''app.audit_act'', true), '''') = '''') execute function ops.audit_change(%L, %L)', target, resource, ignored);
  execute format('create constraint trigger act after insert or update or delete on %s deferrable initially deferred for each row
    when (coalesce(current_setting(''app.audit_act'', true), '''') <> '''') execute function iam.check_act()', target);
end $f$;
select iam.audit_by_act('iam.tenant_members', 'tenant_member'), iam.audit_by_act('iam.teams', 'team'), iam.audit_by_act('iam.team_members', 'team_member'),
  iam.audit_by_act('iam.roles', 'role'), iam.audit_by_act('iam.api_keys', 'api_key', 'last_used_at,last_used_ip'), iam.audit_by_act('iam.invitations', 'invitation', 'sent_at');

-- An active tenant keeps an active member whose role manages members. Whoever changes that waits for whoever else does, and
-- then sees what they did: of two who demote each other, the second is refused.
create function iam.keep_administrator(p_tenant uuid) returns void language plpgsql set search_path = pg_catalog, iam as $f$
begin
  perform pg_advisory_xact_lock(hashtextextended('iam.administrators:' || p_tenant, 0));
  if exists (select from iam.tenants t where t.id = p_tenant and t.status = 'active' and t.deleted_at is null)
    and not exists (
      select from iam.tenant_members m
      join iam.role_permissions rp on rp.tenant_id = m.role_tenant_id and rp.role_id = m.role_id and rp.permission_key = 'iam.members.manage'
      join iam.users u on u.id = m.user_id and u.is_active and u.deleted_at is null
      where m.tenant_id = p_tenant and m.status = 'active' and m.deleted_at is null and not exists (
        select from iam.tenant_member_permissions x
        where x.tenant_id = m.tenant_id and x.member_id = m.id and x.permission_key = rp.permission_key and x.effect = 'deny')) then
    raise exception using errcode = 'LY001', message = 'The organisation would be left without an active administrator.';
  end if;
end $f$;

-- A team with members keeps one who owns it.
create function iam.keep_owner(p_tenant uuid, p_team uuid) returns void language plpgsql set search_path = pg_catalog, iam as $f$
begin
  perform pg_advisory_xact_lock(hashtextextended('iam.owners:' || p_team, 0));
  if exists (select from iam.teams t where t.tenant_id = p_tenant and t.id = p_team and t.deleted_at is null)
    and exists (select from iam.tenants t where t.id = p_tenant and t.status = 'active' and t.deleted_at is null)
    and exists (select from iam.team_members tm where tm.tenant_id = p_tenant and tm.team_id = p_team and tm.deleted_at is null)
    and not exists (
      select from iam.team_members tm
      join iam.team_member_roles r on r.tenant_id = tm.tenant_id and r.team_member_id = tm.id
      join iam.role_permissions rp on rp.tenant_id = r.role_tenant_id and rp.role_id = r.role_id and rp.permission_key = 'iam.teams.own'
      where tm.tenant_id = p_tenant and tm.team_id = p_team and tm.deleted_at is null) then
    raise exception using errcode = 'LY001', message = 'The team would be left without an owner.';
  end if;
end $f$;

create function iam.member_changed() returns trigger language plpgsql set search_path = pg_catalog, iam as $f$
begin
  if exists (select from iam.role_permissions rp where rp.tenant_id = old.role_tenant_id and rp.role_id = old.role_id and rp.permission_key = 'iam.members.manage') then
    perform iam.keep_administrator(old.tenant_id);
  end if;
  return null;
end $f$;
create function iam.member_denied() returns trigger language plpgsql set search_path = pg_catalog, iam as $f$
begin
  perform iam.keep_administrator(new.tenant_id);
  return null;
end $f$;
create function iam.role_narrowed() returns trigger language plpgsql set search_path = pg_catalog, iam as $f$
begin
  if old.permission_key = 'iam.members.manage' then
    perform iam.keep_administrator(old.tenant_id);
  end if;
  return null;
end $f$;
create function iam.team_role_taken() returns trigger language plpgsql set search_path = pg_catalog, iam as $f$
begin
  if exists (select from iam.role_permissions rp where rp.tenant_id = old.role_tenant_id and rp.role_id = old.role_id and rp.permission_key = 'iam.teams.own') then
    perform iam.keep_owner(old.tenant_id, tm.team_id) from iam.team_members tm where tm.tenant_id = old.tenant_id and tm.id = old.team_member_id;
  end if;
  return null;
end $f$;
create function iam.team_member_gone() returns trigger language plpgsql set search_path = pg_catalog, iam as $f$
begin
  if exists (
    select from iam.team_member_roles r join iam.role_permissions rp on rp.tenant_id = r.role_tenant_id and rp.role_id = r.role_id and rp.permission_key = 'iam.teams.own'
    where r.tenant_id = old.tenant_id and r.team_member_id = old.id) then
    perform iam.keep_owner(old.tenant_id, old.team_id);
  end if;
  return null;
end $f$;
-- Their names come before "audit": locks are taken in one order everywhere, these first and the end of the audit chain last.
create trigger administrator after update of status, role_tenant_id, role_id, deleted_at or delete on iam.tenant_members
  for each row when (old.status = 'active' and old.deleted_at is null) execute function iam.member_changed();
create trigger administrator after insert or update on iam.tenant_member_permissions
  for each row when (new.effect = 'deny' and new.permission_key = 'iam.members.manage') execute function iam.member_denied();
create trigger administrator after delete on iam.role_permissions for each row execute function iam.role_narrowed();
create trigger an_owner after delete on iam.team_member_roles for each row execute function iam.team_role_taken();
create trigger an_owner after update of deleted_at on iam.team_members
  for each row when (old.deleted_at is null and new.deleted_at is not null) execute function iam.team_member_gone();

-- Whatever changes what somebody may do is told to every process, which then forgets what it remembers of credentials.
create function iam.tell_access() returns trigger language plpgsql set search_path = pg_catalog as $f$
begin
  perform pg_notify('lyceum', 'access');
  return null;
end $f$;
create trigger tell after update of status, role_tenant_id, role_id, deleted_at or delete on iam.tenant_members for each statement execute function iam.tell_access();
create trigger tell after insert or update or delete on iam.tenant_member_permissions for each statement execute function iam.tell_access();
create trigger tell after insert or update of deleted_at or delete on iam.team_members for each statement execute function iam.tell_access();
create trigger tell after insert or delete on iam.team_member_roles for each statement execute function iam.tell_access();
create trigger tell after insert or delete on iam.role_permissions for each statement execute function iam.tell_access();
create trigger tell after update of deleted_at, leader_user_id or delete on iam.teams for each statement execute function iam.tell_access();
create trigger tell after update of status, deleted_at or delete on iam.tenants for each statement execute function iam.tell_access();
create trigger tell after update of is_active, deleted_at, platform_role, display_name or delete on iam.users for each statement execute function iam.tell_access();
create trigger tell after update of revoked_at, expires_at, team_id, tenant_id, refresh_hash or delete on iam.sessions for each statement execute function iam.tell_access();
create trigger tell after update of status, scopes, expires_at, team_id, agent_id, collection_id, key_hash, deleted_at or delete on iam.api_keys
  for each statement execute function iam.tell_access();

-- The team somebody works in: the wanted one while they belong to it, else the first they joined; null for none.
create function iam.working_team(p_tenant uuid, p_user uuid, p_wanted uuid) returns uuid language sql stable set search_path = pg_catalog, iam as $f$
  select tm.team_id from iam.team_members tm join iam.teams t on t.tenant_id = tm.tenant_id and t.id = tm.team_id and t.deleted_at is null
  where tm.tenant_id = p_tenant and tm.user_id = p_user and tm.deleted_at is null
  order by tm.team_id is not distinct from p_wanted desc, tm.created_at, tm.id limit 1
$f$;

-- What an account may do while it works in one team: its role in the tenant, its roles in that team, a manager's rights where it
-- leads the team, what it was allowed besides, without what it was denied. Null for no team.
create function iam.permissions_in(p_tenant uuid, p_user uuid, p_team uuid) returns text[] language sql stable set search_path = pg_catalog, iam as $f$
  with member as materialized (
    select m.id, m.role_tenant_id, m.role_id from iam.tenant_members m
    where m.tenant_id = p_tenant and m.user_id = p_user and m.status = 'active' and m.deleted_at is null),
  place as materialized (
    select tm.id, t.leader_user_id from iam.team_members tm join iam.teams t on t.tenant_id = tm.tenant_id and t.id = tm.team_id and t.deleted_at is null
    where tm.tenant_id = p_tenant and tm.team_id = p_team and tm.user_id = p_user and tm.deleted_at is null and exists (select from member)),
  held as (
    select m.role_tenant_id, m.role_id from member m
    union all
    select r.role_tenant_id, r.role_id from place p join iam.team_member_roles r on r.tenant_id = p_tenant and r.team_member_id = p.id
    union all
    select ops.platform_tenant(), '00000000-0000-7000-8000-000000000116'::uuid from place p where p.leader_user_id = p_user),
  granted as (
    select rp.permission_key from held h join iam.role_permissions rp on rp.tenant_id = h.role_tenant_id and rp.role_id = h.role_id
    union
    select x.permission_key from member m join iam.tenant_member_permissions x on x.tenant_id = p_tenant and x.member_id = m.id and x.effect = 'allow'
    except
    select x.permission_key from member m join iam.tenant_member_permissions x on x.tenant_id = p_tenant and x.member_id = m.id and x.effect = 'deny')
  select coalesce(array_agg(permission_key order by permission_key), '{}') from granted
$f$;

-- What an account may do in every one of its teams: what a key that is bound to no team may do.
create or replace function iam.permissions_of(p_tenant uuid, p_user uuid) returns text[] language sql stable set search_path = pg_catalog, iam as $f$
  with teams as materialized (select iam.teams_of(p_tenant, p_user) as ids)
  select case when cardinality(ids) = 0 then iam.permissions_in(p_tenant, p_user, null) else (
    select coalesce(array_agg(key order by key), '{}') from (
      select key from unnest(ids) team, unnest(iam.permissions_in(p_tenant, p_user, team)) key group by key having count(*) = cardinality(ids)) common) end
  from teams
$f$;

-- A session works in one team and may do what its account may do there.
create or replace function iam.resolve_session(p_hash bytea) returns table (
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

create or replace function iam.resolve_api_key(p_prefix text) returns table (
  key_id uuid, key_hash bytea, user_id uuid, tenant_id uuid, label text, kind text, status text, expires_at timestamptz, scopes text[],
  team_id uuid, agent_id uuid, collection_id uuid, tenant_status text, permissions text[], team_ids uuid[], last_used_at timestamptz)
language sql stable set search_path = pg_catalog, iam, public as $f$
  select k.id, k.key_hash, u.id, k.tenant_id, k.name || ' (' || u.display_name || ')', k.key_kind, k.status, k.expires_at, k.scopes,
    k.team_id, k.agent_id, k.collection_id, t.status,
    case when k.team_id is null then iam.permissions_of(k.tenant_id, u.id) else iam.permissions_in(k.tenant_id, u.id, k.team_id) end,
    case when k.team_id is null then iam.teams_of(k.tenant_id, u.id)
      else array(select team from unnest(iam.teams_of(k.tenant_id, u.id)) team where team = k.team_id) end, k.last_used_at
  from iam.api_keys k
  join iam.users u on u.id = k.user_id and u.is_active and u.deleted_at is null
  join iam.tenants t on t.id = k.tenant_id
  join iam.tenant_members m on m.tenant_id = t.id and m.user_id = u.id and m.status = 'active' and m.deleted_at is null
  where k.key_prefix = p_prefix and k.deleted_at is null
$f$;
select ops.cross_tenants('iam.resolve_api_key(text)');

-- Makes an account, if nobody has the address. False when somebody does.
create function iam.create_account(p_user uuid, p_email text, p_name text, p_first text, p_last text, p_password_hash text, p_verified boolean) returns boolean
language plpgsql set search_path = pg_catalog, iam, ops, public as $f$
begin
  insert into iam.users (id, email, display_name, first_name, last_name, email_verified_at)
    values (p_user, p_email::citext, p_name, p_first, p_last, case when p_verified then now() end)
    on conflict (email) where deleted_at is null do nothing;
  if not found then
    return false;
  end if;
  if p_password_hash is not null then
    insert into iam.user_credentials (id, user_id, password_hash) values (ops.uuid7(), p_user, p_password_hash);
  end if;
  return true;
end $f$;
select ops.cross_tenants('iam.create_account(uuid, text, text, text, text, text, boolean)');

-- The invitation a link names. The caller compares the hash in constant time.
create function iam.find_invitation(p_selector text) returns table (
  tenant_id uuid, tenant_name text, tenant_status text, invitation_id uuid, verifier_hash bytea, email text, first_name text, last_name text, status text,
  expires_at timestamptz, sent boolean, team_id uuid, team_name text, invited_by text, account uuid)
language sql stable set search_path = pg_catalog, iam, public as $f$
  select i.tenant_id, t.name, t.status, i.id, i.verifier_hash, i.email::text, i.first_name, i.last_name,
    case when i.status = 'pending' and i.expires_at <= now() then 'expired' else i.status end, i.expires_at, i.sent_at is not null,
    i.team_id, team.name, inviter.display_name, (select u.id from iam.users u where u.email = i.email and u.deleted_at is null)
  from iam.invitations i join iam.tenants t on t.id = i.tenant_id and t.status <> 'deleted'
  left join iam.teams team on team.tenant_id = i.tenant_id and team.id = i.team_id and team.deleted_at is null
  left join iam.users inviter on inviter.id = i.invited_by
  where i.selector = p_selector and i.deleted_at is null and (i.team_id is null or team.id is not null)
$f$;
select ops.cross_tenants('iam.find_invitation(text)');

create function iam.prove_email(p_user uuid) returns void language sql set search_path = pg_catalog, iam as $f$
  update iam.users set email_verified_at = now() where id = p_user and email_verified_at is null
$f$;
select ops.cross_tenants('iam.prove_email(uuid)');

-- An account's password and whether it must wait, for a change by its owner.
create function iam.password_of(p_user uuid) returns table (password_hash text, locked_until timestamptz) language sql stable set search_path = pg_catalog, iam as $f$
  select c.password_hash, c.locked_until from iam.user_credentials c where c.user_id = p_user
$f$;
select ops.cross_tenants('iam.password_of(uuid)');

-- Ends sessions of an account: in one tenant or in all, one with its family or all, but never the excepted one. Returns how many.
create function iam.end_sessions(p_user uuid, p_tenant uuid, p_session uuid, p_except uuid) returns int language sql set search_path = pg_catalog, iam as $f$
  with ended as (
    update iam.sessions s set revoked_at = now()
    where s.user_id = p_user and s.revoked_at is null and (p_tenant is null or s.tenant_id = p_tenant)
      and (p_session is null or s.family_id = (select x.family_id from iam.sessions x where x.id = p_session and x.user_id = p_user))
      and s.id is distinct from p_except
    returning 1)
  select count(*)::int from ended
$f$;
select ops.cross_tenants('iam.end_sessions(uuid, uuid, uuid, uuid)');

-- Live sessions of an account, newest first.
create function iam.sessions_of(p_user uuid) returns table (
  id uuid, created_at timestamptz, expires_at timestamptz, ip_address inet, user_agent text, tenant_id uuid, tenant_name text)
language sql stable set search_path = pg_catalog, iam as $f$
  select s.id, s.created_at, s.expires_at, s.ip_address, s.user_agent, t.id, t.name
  from iam.sessions s left join iam.tenants t on t.id = s.tenant_id
  where s.user_id = p_user and s.revoked_at is null and s.rotated_at is null and s.expires_at > now() order by s.created_at desc, s.id desc limit 200
$f$;
select ops.cross_tenants('iam.sessions_of(uuid)');

-- The team a session works in from now on. The caller has checked that its account belongs to it.
create function iam.choose_team(p_session uuid, p_team uuid) returns void language sql set search_path = pg_catalog, iam as $f$
  update iam.sessions set team_id = p_team where id = p_session and revoked_at is null
$f$;
select ops.cross_tenants('iam.choose_team(uuid, uuid)');

-- A new password for an account that has one. Ends its sessions but the excepted one, and every link to reset it.
create function iam.set_password(p_user uuid, p_hash text, p_except uuid) returns boolean language plpgsql set search_path = pg_catalog, iam as $f$
begin
  update iam.user_credentials set password_hash = p_hash, password_changed_at = now(), reset_token_hash = null, reset_expires_at = null,
    failed_attempts = 0, locked_until = null where user_id = p_user;
  if not found then
    return false;
  end if;
  perform iam.end_sessions(p_user, null, null, p_except);
  return true;
end $f$;
select ops.cross_tenants('iam.set_password(uuid, text, uuid)');

-- Notes that a link to reset a password is going out, at most one a minute and account, save for a repetition of the same.
create function iam.begin_reset(p_email text, p_hash bytea, p_seconds int) returns table (user_id uuid, email text, display_name text, tenants uuid[])
language sql set search_path = pg_catalog, iam, public as $f$
  with chosen as (
    update iam.user_credentials c set reset_token_hash = p_hash, reset_expires_at = now() + make_interval(secs => p_seconds)
    from iam.users u where u.id = c.user_id and u.email = p_email::citext and u.is_active and u.deleted_at is null
      and (c.reset_token_hash is null or c.reset_token_hash = p_hash or c.reset_expires_at < now() + make_interval(secs => p_seconds - 60))
    returning u.id, u.email::text, u.display_name)
  select id, email, display_name, array(select m.tenant_id from iam.tenant_members m where m.user_id = id and m.deleted_at is null) from chosen
$f$;
select ops.cross_tenants('iam.begin_reset(text, bytea, int)');

-- Whose link this is, while it lasts.
create function iam.account_of_reset(p_hash bytea) returns table (user_id uuid, email text, display_name text, tenants uuid[])
language sql stable set search_path = pg_catalog, iam, public as $f$
  select u.id, u.email::text, u.display_name, array(select m.tenant_id from iam.tenant_members m where m.user_id = u.id and m.deleted_at is null)
  from iam.user_credentials c join iam.users u on u.id = c.user_id and u.is_active and u.deleted_at is null
  where c.reset_token_hash = p_hash and c.reset_expires_at > now()
$f$;
select ops.cross_tenants('iam.account_of_reset(bytea)');

-- Uses a link up: the new password is set, every session ends, and the address is proved, since the link was sent there. False when another was first.
create function iam.reset_password(p_hash bytea, p_password_hash text) returns boolean language plpgsql set search_path = pg_catalog, iam as $f$
declare
  account uuid;
begin
  update iam.user_credentials c set reset_token_hash = null, reset_expires_at = null
    where c.reset_token_hash = p_hash and c.reset_expires_at > now() returning c.user_id into account;
  if account is null then
    return false;
  end if;
  perform iam.set_password(account, p_password_hash, null);
  update iam.users set email_verified_at = coalesce(email_verified_at, now()) where id = account;
  return true;
end $f$;
select ops.cross_tenants('iam.reset_password(bytea, text)');

create function iam.begin_verification(p_user uuid, p_hash bytea, p_seconds int) returns table (email text, display_name text)
language sql set search_path = pg_catalog, iam, public as $f$
  with chosen as (
    update iam.user_credentials c set verification_token_hash = p_hash, verification_expires_at = now() + make_interval(secs => p_seconds)
    from iam.users u where u.id = c.user_id and u.id = p_user and u.is_active and u.deleted_at is null and u.email_verified_at is null
    returning u.email::text, u.display_name)
  select email, display_name from chosen
$f$;
select ops.cross_tenants('iam.begin_verification(uuid, bytea, int)');

create function iam.verify_email(p_hash bytea) returns table (user_id uuid, display_name text, tenants uuid[])
language plpgsql set search_path = pg_catalog, iam as $f$
begin
  return query with used as (
    update iam.user_credentials c set verification_token_hash = null, verification_expires_at = null
    where c.verification_token_hash = p_hash and c.verification_expires_at > now() returning c.user_id as account),
  proved as (update iam.users u set email_verified_at = coalesce(u.email_verified_at, now()) from used where u.id = used.account returning u.id, u.display_name)
  select p.id, p.display_name, array(select m.tenant_id from iam.tenant_members m where m.user_id = p.id and m.deleted_at is null) from proved p;
end $f$;
select ops.cross_tenants('iam.verify_email(bytea)');

-- migrate:down
drop function iam.verify_email(bytea), iam.begin_verification(uuid, bytea, int), iam.reset_password(bytea, text), iam.account_of_reset(bytea),
  iam.begin_reset(text, bytea, int), iam.set_password(uuid, text, uuid), iam.choose_team(uuid, uuid), iam.sessions_of(uuid),
  iam.end_sessions(uuid, uuid, uuid, uuid), iam.password_of(uuid), iam.prove_email(uuid), iam.find_invitation(text),
  iam.create_account(uuid, text, text, text, text, text, boolean);
create or replace function iam.permissions_of(p_tenant uuid, p_user uuid) returns text[] language sql stable set search_path = pg_catalog, iam as $f$
  select coalesce(array_agg(distinct rp.permission_key order by rp.permission_key), '{}')
  from iam.role_permissions rp
  where (rp.tenant_id, rp.role_id) in (
    select m.role_tenant_id, m.role_id from iam.tenant_members m
    where m.tenant_id = p_tenant and m.user_id = p_user and m.status = 'active' and m.deleted_at is null
    union all
    select r.role_tenant_id, r.role_id from iam.team_members tm join iam.team_member_roles r on r.tenant_id = tm.tenant_id and r.team_member_id = tm.id
    where tm.tenant_id = p_tenant and tm.user_id = p_user and tm.deleted_at is null)
$f$;
create or replace function iam.resolve_session(p_hash bytea) returns table (
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
create or replace function iam.resolve_api_key(p_prefix text) returns table (
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
drop function iam.permissions_in(uuid, uuid, uuid), iam.working_team(uuid, uuid, uuid);
drop trigger tell on iam.api_keys;
drop trigger tell on iam.sessions;
drop trigger tell on iam.users;
drop trigger tell on iam.tenants;
drop trigger tell on iam.teams;
drop trigger tell on iam.role_permissions;
drop trigger tell on iam.team_member_roles;
drop trigger tell on iam.team_members;
drop trigger tell on iam.tenant_members;
drop trigger an_owner on iam.team_members;
drop trigger an_owner on iam.team_member_roles;
drop trigger administrator on iam.role_permissions;
drop trigger administrator on iam.tenant_members;
drop table iam.invitation_roles, iam.invitations, iam.tenant_member_permissions;
drop trigger act on iam.tenant_members;
drop trigger act on iam.teams;
drop trigger act on iam.team_members;
drop trigger act on iam.roles;
drop trigger act on iam.api_keys;
drop trigger audit on iam.tenant_members;
drop trigger audit on iam.teams;
drop trigger audit on iam.team_members;
drop trigger audit on iam.roles;
drop trigger audit on iam.api_keys;
create trigger audit after insert or update or delete on iam.tenant_members for each row execute function ops.audit_change('tenant_member', '');
create trigger audit after insert or update or delete on iam.teams for each row execute function ops.audit_change('team', '');
create trigger audit after insert or update or delete on iam.team_members for each row execute function ops.audit_change('team_member', '');
create trigger audit after insert or update or delete on iam.roles for each row execute function ops.audit_change('role', '');
create trigger audit after insert or update or delete on iam.api_keys for each row execute function ops.audit_change('api_key', 'last_used_at,last_used_ip');
drop function iam.audit_by_act(regclass, text, text), iam.check_act(), iam.tell_access(), iam.team_member_gone(), iam.team_role_taken(),
  iam.role_narrowed(), iam.member_denied(), iam.member_changed(), iam.keep_owner(uuid, uuid), iam.keep_administrator(uuid), iam.ship_permission(text, text, text, text);
revoke update (avatar_object_id) on iam.users from lyceum_app;
drop index iam.user_credentials_verification, iam.user_credentials_reset;
alter table iam.sessions drop column team_id;
-- Every tenant's rows must be seen here: permissions of this migration go, and whoever has one of its roles gets the nearest that stays.
alter table iam.role_permissions no force row level security;
alter table iam.tenant_members no force row level security, disable trigger user;
alter table iam.team_member_roles no force row level security;
delete from iam.role_permissions where permission_key in ('iam.members.manage', 'iam.members.invite', 'iam.roles.manage', 'iam.teams.create', 'iam.teams.manage', 'iam.teams.members', 'iam.teams.own')
  or role_id in ('00000000-0000-7000-8000-000000000103', '00000000-0000-7000-8000-000000000115', '00000000-0000-7000-8000-000000000116');
delete from iam.permissions where key in ('iam.members.manage', 'iam.members.invite', 'iam.roles.manage', 'iam.teams.create', 'iam.teams.manage', 'iam.teams.members', 'iam.teams.own');
update iam.tenant_members set role_id = '00000000-0000-7000-8000-000000000102' where role_id = '00000000-0000-7000-8000-000000000103';
delete from iam.team_member_roles r where r.role_id in ('00000000-0000-7000-8000-000000000115', '00000000-0000-7000-8000-000000000116') and exists (
  select from iam.team_member_roles o where o.tenant_id = r.tenant_id and o.team_member_id = r.team_member_id and o.role_id <> r.role_id);
update iam.team_member_roles set role_id = case role_id when '00000000-0000-7000-8000-000000000115' then '00000000-0000-7000-8000-000000000114'::uuid else '00000000-0000-7000-8000-000000000112' end
  where role_id in ('00000000-0000-7000-8000-000000000115', '00000000-0000-7000-8000-000000000116');
alter table iam.role_permissions force row level security;
alter table iam.tenant_members force row level security, enable trigger user;
alter table iam.team_member_roles force row level security;
delete from iam.roles where id in ('00000000-0000-7000-8000-000000000103', '00000000-0000-7000-8000-000000000115', '00000000-0000-7000-8000-000000000116');
