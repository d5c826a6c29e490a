-- Sharing beyond visibility.
-- migrate:up
create table iam.resource_shares (
  tenant_id uuid, id uuid not null, resource_type text not null check (resource_type ~ '^[a-z_]{1,50}$'), resource_id uuid not null,
  grantee_type text not null check (grantee_type in ('user', 'team', 'tenant')), grantee_id uuid not null,
  access text not null check (access in ('view', 'use', 'edit', 'manage')), created_by uuid references iam.users (id) on delete set null,
  created_at timestamptz, updated_at timestamptz,
  check (grantee_type <> 'tenant' or grantee_id = tenant_id));
comment on table iam.resource_shares is 'Who may do what with a thing beside those who see it anyway';
comment on column iam.resource_shares.resource_type is 'Kind of thing, such as collection';
comment on column iam.resource_shares.resource_id is 'The thing';
comment on column iam.resource_shares.grantee_type is 'Whether it is shared with a user, a team or the whole tenant';
comment on column iam.resource_shares.grantee_id is 'That user, team or tenant';
comment on column iam.resource_shares.access is 'view, use, edit or manage; each includes those before it';
comment on column iam.resource_shares.created_by is 'Who shared it';
select ops.make_tenant_table('iam.resource_shares', audited => 'share');
create unique index resource_shares_once on iam.resource_shares (tenant_id, resource_type, resource_id, grantee_type, grantee_id);
create index resource_shares_grantee on iam.resource_shares (tenant_id, grantee_id, resource_type);
create index resource_shares_creator on iam.resource_shares (created_by);

create temporary table granted (key text, area text, description text, lowest text) on commit drop;
insert into granted values
  ('iam.shares.manage', 'iam', 'Share what one manages', 'team_viewer'),
  ('iam.shares.manage_all', 'iam', 'Manage whatever the whole tenant sees', 'tenant_admin');
insert into iam.permissions select key, area, description from granted;
insert into iam.role_permissions (tenant_id, id, role_id, permission_key)
  select ops.platform_tenant(), ops.uuid7(), r.id, g.key from granted g join iam.roles low on low.key = g.lowest and low.tenant_id = ops.platform_tenant()
  join iam.roles r on r.rank >= low.rank and r.key <> 'tenant_user' or r.key = 'tenant_admin'
  where r.tenant_id = ops.platform_tenant();

-- migrate:down
delete from iam.role_permissions where permission_key like 'iam.shares.%';
delete from iam.permissions where key like 'iam.shares.%';
drop table iam.resource_shares;
