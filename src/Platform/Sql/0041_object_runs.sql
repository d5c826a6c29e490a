-- Work over all files of the installation: moving them to where new ones go, and counting what has no bytes or no row.
-- migrate:up
create table storage.object_runs (
  tenant_id uuid, id uuid not null, kind text not null check (kind in ('move', 'check')), status text not null default 'running' check (status in ('running', 'completed', 'failed')),
  objects_total bigint not null default 0, bytes_total bigint not null default 0, objects_done bigint not null default 0, bytes_done bigint not null default 0,
  missing_objects bigint not null default 0, missing_bytes bigint not null default 0, unknown_objects bigint not null default 0, unknown_bytes bigint not null default 0,
  detail jsonb not null default '[]', started_by uuid, ended_at timestamptz, created_at timestamptz, updated_at timestamptz);
comment on table storage.object_runs is 'Work over all files of the installation, in the platform tenant: the last few of each kind';
comment on column storage.object_runs.kind is 'move brings files to where new ones go, check counts what does not match';
comment on column storage.object_runs.status is 'running until it ends; failed where files were left behind';
comment on column storage.object_runs.objects_total is 'Files there were to do at the beginning';
comment on column storage.object_runs.bytes_total is 'Their bytes';
comment on column storage.object_runs.objects_done is 'Files moved or looked at';
comment on column storage.object_runs.bytes_done is 'Their bytes';
comment on column storage.object_runs.missing_objects is 'Files without bytes, or whose bytes are not those that were stored';
comment on column storage.object_runs.missing_bytes is 'What they should have';
comment on column storage.object_runs.unknown_objects is 'Bytes that no file knows';
comment on column storage.object_runs.unknown_bytes is 'How many';
comment on column storage.object_runs.detail is 'The first hundred of what does not match';
comment on column storage.object_runs.started_by is 'Administrator who began it';
comment on column storage.object_runs.ended_at is 'When it ended';
select ops.make_tenant_table('storage.object_runs');
create unique index object_runs_running on storage.object_runs (tenant_id, kind) where status = 'running';

-- Which tenants have files, or have them elsewhere than here.
create function ops.tenants_with_objects(p_backend text, p_bucket text) returns setof uuid language sql stable set search_path = pg_catalog, storage as $f$
  select distinct tenant_id from storage.objects where status = 'available' and (p_backend is null or (backend, bucket) <> (p_backend, p_bucket))
$f$;
select ops.cross_tenants('ops.tenants_with_objects(text, text)');

-- How much lies where; sums only.
create function ops.object_places() returns table (place_backend text, place_bucket text, place_status text, objects bigint, bytes bigint) language sql stable set search_path = pg_catalog, storage as $f$
  select backend, bucket, status, count(*), coalesce(sum(size_bytes), 0)::bigint from storage.objects group by 1, 2, 3
$f$;
select ops.cross_tenants('ops.object_places()');

-- migrate:down
drop function ops.object_places();
drop function ops.tenants_with_objects(text, text);
drop table storage.object_runs;
