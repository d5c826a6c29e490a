-- How far an organisation has come with the sample documents it begins with, so that a start that was cut short is finished by the next one.
-- migrate:up
create table knowledge.sample_loads (
  tenant_id uuid, id uuid not null, state text not null check (state in ('loading', 'loaded', 'left_out')), document_count int not null default 0 check (document_count >= 0),
  created_at timestamptz, updated_at timestamptz);
comment on table knowledge.sample_loads is 'The sample documents of an organisation: at most one row each';
comment on column knowledge.sample_loads.state is 'loading: begun, and begun again by every start until it is done; loaded: every file was taken; left_out: the organisation had collections of its own before';
comment on column knowledge.sample_loads.document_count is 'Files that were taken';
select ops.make_tenant_table('knowledge.sample_loads');
create unique index sample_loads_tenant on knowledge.sample_loads (tenant_id);

-- Whoever works here already is not given samples by an upgrade.
alter table knowledge.collections no force row level security;
alter table knowledge.sample_loads no force row level security;
insert into knowledge.sample_loads (tenant_id, id, state) select c.tenant_id, ops.uuid7(), 'left_out' from (select distinct tenant_id from knowledge.collections) c;
alter table knowledge.sample_loads force row level security;
alter table knowledge.collections force row level security;

-- migrate:down
drop table knowledge.sample_loads;
