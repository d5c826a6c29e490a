-- migrate:up
create schema models;
grant usage on schema models to lyceum_app, lyceum_readonly, lyceum_system, lyceum_backup;
create table models.models (tenant_id uuid, id uuid not null);
comment on table models.models is 'placeholder';
select ops.make_tenant_table('models.models', shared => true);

-- migrate:down
drop table models.models;
drop schema models;
