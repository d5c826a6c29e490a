-- Uploads in parts: a session says what is to come, its parts are provisional objects until they are put together.
-- migrate:up
create table storage.upload_sessions (
  tenant_id uuid, id uuid not null, created_by uuid not null, file_name text not null check (octet_length(file_name) <= 1024), mime_type text,
  target jsonb not null, part_size int not null check (part_size > 0), expected_size bigint not null check (expected_size > 0),
  expected_sha256 bytea check (octet_length(expected_sha256) = 32),
  status text not null default 'initiated' check (status in ('initiated', 'completed', 'aborted', 'expired')),
  result jsonb, completing_until timestamptz, expires_at timestamptz not null, created_at timestamptz, updated_at timestamptz);
comment on table storage.upload_sessions is 'Uploads in parts; while one is open, its size counts as used storage';
comment on column storage.upload_sessions.created_by is 'Account that began it, and alone may go on with it';
comment on column storage.upload_sessions.file_name is 'Name the file will have';
comment on column storage.upload_sessions.mime_type is 'Type the sender claims';
comment on column storage.upload_sessions.target is 'What becomes of the file, in the words of the room that takes it';
comment on column storage.upload_sessions.part_size is 'Bytes of each part but the last';
comment on column storage.upload_sessions.expected_size is 'Bytes of the whole';
comment on column storage.upload_sessions.expected_sha256 is 'SHA-256 of the whole, where the sender knows it';
comment on column storage.upload_sessions.status is 'initiated while parts come; then completed, aborted or expired';
comment on column storage.upload_sessions.result is 'What became of the file, for whoever asks again';
comment on column storage.upload_sessions.completing_until is 'Until then somebody puts the parts together; renewed with every part';
comment on column storage.upload_sessions.expires_at is 'When it ends by itself';
select ops.make_tenant_table('storage.upload_sessions');
create index upload_sessions_status on storage.upload_sessions (status, expires_at);
create index upload_sessions_open on storage.upload_sessions (tenant_id) where status = 'initiated';
select ops.let_system_cross('storage.upload_sessions', 'select');

create table storage.upload_parts (
  tenant_id uuid, id uuid not null, session_id uuid not null, number int not null check (number between 1 and 10000), object_id uuid not null,
  created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, session_id) references storage.upload_sessions (tenant_id, id) on delete cascade,
  foreign key (tenant_id, object_id) references storage.objects (tenant_id, id) on delete cascade);
comment on table storage.upload_parts is 'Parts of an upload that have arrived whole';
comment on column storage.upload_parts.session_id is 'Their upload';
comment on column storage.upload_parts.number is 'Place in the file, from 1';
comment on column storage.upload_parts.object_id is 'The bytes';
select ops.make_tenant_table('storage.upload_parts');
create unique index upload_parts_number on storage.upload_parts (tenant_id, session_id, number);
create index upload_parts_object on storage.upload_parts (tenant_id, object_id);

create or replace function ops.tenants_with_stale_objects(p_minutes int) returns setof uuid language sql stable set search_path = pg_catalog, storage as $f$
  select tenant_id from storage.objects where status in ('pending', 'deleted') and coalesce(deleted_at, created_at) < now() - make_interval(mins => p_minutes)
  union
  select tenant_id from storage.objects where expires_at < now()
  union
  select tenant_id from storage.upload_sessions where status = 'initiated' and expires_at < now()
  union
  select tenant_id from storage.upload_sessions where status <> 'initiated' and expires_at < now() - interval '7 days'
$f$;
select ops.cross_tenants('ops.tenants_with_stale_objects(int)');

-- migrate:down
create or replace function ops.tenants_with_stale_objects(p_minutes int) returns setof uuid language sql stable set search_path = pg_catalog, storage as $f$
  select tenant_id from storage.objects where status in ('pending', 'deleted') and coalesce(deleted_at, created_at) < now() - make_interval(mins => p_minutes)
  union
  select tenant_id from storage.objects where expires_at < now()
$f$;
select ops.cross_tenants('ops.tenants_with_stale_objects(int)');
drop table storage.upload_parts, storage.upload_sessions;
