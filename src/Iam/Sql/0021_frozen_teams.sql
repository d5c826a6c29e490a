-- A frozen team can be read and not changed. Columns that nothing wrote or read, of things that come later, go until they come.
-- migrate:up
-- Refuses what would add to a frozen team or change in it. For triggers and statements of any room.
create function iam.refuse_frozen(p_tenant uuid, p_team uuid) returns void language plpgsql stable set search_path = pg_catalog, iam as $f$
begin
  if exists (select from iam.teams t where t.tenant_id = p_tenant and t.id = p_team and t.is_frozen) then
    raise exception using errcode = 'LY403', constraint = 'team_frozen', message = 'This team is frozen: what is in it can be read, and not added to or changed.',
      hint = 'Work in another team, or ask an administrator of your organisation to unfreeze this one.';
  end if;
end $f$;
create function iam.hold_frozen() returns trigger language plpgsql set search_path = pg_catalog, iam as $f$
begin
  perform iam.refuse_frozen(new.tenant_id, new.team_id);
  if tg_op = 'UPDATE' then
    perform iam.refuse_frozen(old.tenant_id, old.team_id);
  end if;
  return new;
end $f$;
comment on column iam.teams.is_frozen is 'Read only: nothing in it can be added or changed until an administrator of the organisation unfreezes it';

create or replace function iam.erase_account(p_user uuid) returns void language plpgsql set search_path = pg_catalog, iam, public as $f$
begin
  update iam.users set email = ('erased-' || id || '@erased.invalid')::citext, display_name = 'Erased', first_name = null, last_name = null, avatar_object_id = null,
    preferences = '{}', locale = null, email_verified_at = null, last_login_at = null, is_active = false, deleted_at = coalesce(deleted_at, now())
  where id = p_user;
  delete from iam.user_credentials where user_id = p_user;
  delete from iam.sessions where user_id = p_user;
  if to_regclass('iam.user_identities') is not null then
    execute 'delete from iam.user_identities where user_id = $1' using p_user;
  end if;
end $f$;
select ops.cross_tenants('iam.erase_account(uuid)');
alter table iam.tenants drop column home_region_id, drop column data_residency, drop column legacy_ref;
alter table iam.users drop column username, drop column avatar_url, drop column legacy_ref;
alter table iam.teams drop column tracing_secret_id, drop column settings;
alter table iam.api_keys drop column mcp_endpoint_id;
alter table iam.sessions drop column issued_at;

-- migrate:down
alter table iam.sessions add column issued_at timestamptz not null default now();
comment on column iam.sessions.issued_at is 'When it began';
alter table iam.api_keys add column mcp_endpoint_id uuid;
comment on column iam.api_keys.mcp_endpoint_id is 'The only MCP endpoint it may use; null for any';
alter table iam.teams add column tracing_secret_id uuid, add column settings jsonb not null default '{}', add foreign key (tenant_id, tracing_secret_id) references ops.secrets (tenant_id, id);
create index teams_secret on iam.teams (tenant_id, tracing_secret_id);
comment on column iam.teams.tracing_secret_id is 'Key of an outside tracing service';
comment on column iam.teams.settings is 'Settings of the team';
comment on column iam.teams.is_frozen is 'Read only, after a downgrade';
alter table iam.users add column username citext, add column avatar_url text, add column legacy_ref text;
comment on column iam.users.username is 'Short name';
comment on column iam.users.avatar_url is 'Picture elsewhere';
comment on column iam.users.legacy_ref is 'Key in an imported system';
alter table iam.tenants add column home_region_id uuid, add column data_residency jsonb, add column legacy_ref text;
comment on column iam.tenants.home_region_id is 'Region where its data lives';
comment on column iam.tenants.data_residency is 'Where data may be';
comment on column iam.tenants.legacy_ref is 'Key in an imported system';
create or replace function iam.erase_account(p_user uuid) returns void language plpgsql set search_path = pg_catalog, iam, public as $f$
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
drop function iam.hold_frozen(), iam.refuse_frozen(uuid, uuid);
