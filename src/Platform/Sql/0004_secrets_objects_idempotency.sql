-- Secrets (encrypted before they arrive), objects and their bytes, replayed requests.
-- migrate:up
create table ops.secrets (
  tenant_id uuid, id uuid not null, kind text not null, ciphertext bytea not null, nonce bytea not null check (octet_length(nonce) = 12),
  key_id text not null, dek_wrapped bytea not null, last_four text check (length(last_four) <= 4),
  rotated_at timestamptz, expires_at timestamptz, created_at timestamptz, updated_at timestamptz, deleted_at timestamptz);
comment on table ops.secrets is 'Envelope-encrypted values: AES-256-GCM under the tenant''s data key, itself wrapped by the master key';
comment on column ops.secrets.kind is 'What it is for, such as model_api_key; part of the associated data';
comment on column ops.secrets.ciphertext is 'Encrypted value with its tag';
comment on column ops.secrets.nonce is '12 random bytes, never used twice with one key';
comment on column ops.secrets.key_id is 'Which master key wraps the data key';
comment on column ops.secrets.dek_wrapped is 'The tenant''s data key, wrapped';
comment on column ops.secrets.last_four is 'Last characters of the value, to recognise it by';
comment on column ops.secrets.rotated_at is 'When the value was last encrypted anew';
comment on column ops.secrets.expires_at is 'When the value stops being valid';
select ops.make_tenant_table('ops.secrets', audited => 'secret');
create index secrets_key on ops.secrets (key_id);
select ops.let_system_cross('ops.secrets', 'select');

-- What other rooms may show of a secret: how to recognise it, never the value.
create view ops.secret_hints with (security_invoker = true) as select tenant_id, id, last_four from ops.secrets;
comment on view ops.secret_hints is 'Last characters of secrets, for lists';
grant select on ops.secret_hints to lyceum_app, lyceum_readonly;

-- Which tenants hold secrets under an old master key: rotation walks them one by one.
create function ops.tenants_with_old_key(p_key_id text) returns setof uuid language sql stable set search_path = pg_catalog, ops as $f$
  select distinct tenant_id from ops.secrets where key_id <> p_key_id
$f$;
select ops.cross_tenants('ops.tenants_with_old_key(text)');

create table storage.objects (
  tenant_id uuid, id uuid not null, team_id uuid, created_by uuid, file_name text not null check (octet_length(file_name) <= 1024),
  mime_type text, detected_mime text, size_bytes bigint not null default 0 check (size_bytes >= 0), content_sha256 bytea,
  legacy_md5 text, backend text not null check (backend in ('database', 's3', 'azure', 'gcs', 'local', 'minio')),
  bucket text not null default '', storage_key text not null, region_id uuid,
  status text not null default 'pending' check (status in ('pending', 'available', 'quarantined', 'deleted')),
  scan_status text, expires_at timestamptz, created_at timestamptz, updated_at timestamptz, deleted_at timestamptz);
comment on table storage.objects is 'Every stored file; its bytes lie in the backend under storage_key';
comment on column storage.objects.team_id is 'Team that owns it';
comment on column storage.objects.created_by is 'Account that stored it';
comment on column storage.objects.file_name is 'Name it came with; never part of the storage key';
comment on column storage.objects.mime_type is 'Type the sender claimed';
comment on column storage.objects.detected_mime is 'Type its content shows';
comment on column storage.objects.size_bytes is 'Size in bytes';
comment on column storage.objects.content_sha256 is 'SHA-256 of the bytes';
comment on column storage.objects.legacy_md5 is 'MD5 kept from an import; never trusted';
comment on column storage.objects.backend is 'Where the bytes lie';
comment on column storage.objects.bucket is 'Bucket of the backend; empty where it has none';
comment on column storage.objects.storage_key is 'Key in the backend';
comment on column storage.objects.region_id is 'Region that holds the bytes';
comment on column storage.objects.status is 'pending while bytes arrive, available, quarantined, or deleted while its bytes wait to be removed';
comment on column storage.objects.scan_status is 'Answer of the malware scanner';
comment on column storage.objects.expires_at is 'When it may be removed';
select ops.make_tenant_table('storage.objects');
create unique index objects_key on storage.objects (tenant_id, backend, bucket, storage_key);
create index objects_pending on storage.objects (tenant_id, created_at) where status in ('pending', 'deleted');
create index objects_expiry on storage.objects (expires_at) where expires_at is not null;
select ops.let_system_cross('storage.objects', 'select');

-- Which tenants have objects that a crash left half made or half deleted, or that were never kept: the sweep walks them one by one.
create function ops.tenants_with_stale_objects(p_minutes int) returns setof uuid language sql stable set search_path = pg_catalog, storage as $f$
  select tenant_id from storage.objects where status in ('pending', 'deleted') and coalesce(deleted_at, created_at) < now() - make_interval(mins => p_minutes)
  union
  select tenant_id from storage.objects where expires_at < now()
$f$;
select ops.cross_tenants('ops.tenants_with_stale_objects(int)');

create table storage.object_blobs (
  tenant_id uuid, id uuid not null, object_id uuid not null, data bytea not null, encrypted boolean not null default false, key_id text,
  created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, object_id) references storage.objects (tenant_id, id) on delete cascade);
alter table storage.object_blobs alter data set storage external;
comment on table storage.object_blobs is 'Bytes of objects whose backend is the database';
comment on column storage.object_blobs.object_id is 'The object';
comment on column storage.object_blobs.data is 'Its bytes, stored out of line and uncompressed so that parts can be read';
comment on column storage.object_blobs.encrypted is 'Whether data is encrypted';
comment on column storage.object_blobs.key_id is 'Key it is encrypted under';
select ops.make_tenant_table('storage.object_blobs');
create unique index object_blobs_object on storage.object_blobs (tenant_id, object_id);

create table ops.idempotency_keys (
  tenant_id uuid, id uuid not null, api_key_id uuid, user_id uuid, key text not null check (length(key) between 1 and 255),
  method text not null, path text not null, request_hash bytea not null, response_status int, response_body jsonb,
  expires_at timestamptz not null, created_at timestamptz, updated_at timestamptz);
comment on table ops.idempotency_keys is 'Answers kept for repeated requests with the same Idempotency-Key';
comment on column ops.idempotency_keys.api_key_id is 'Key of the caller';
comment on column ops.idempotency_keys.user_id is 'Account of the caller';
comment on column ops.idempotency_keys.key is 'What the caller sent';
comment on column ops.idempotency_keys.method is 'HTTP method';
comment on column ops.idempotency_keys.path is 'Path of the request';
comment on column ops.idempotency_keys.request_hash is 'SHA-256 of the body: the same key with another body is refused';
comment on column ops.idempotency_keys.response_status is 'Status that was answered; null while in flight';
comment on column ops.idempotency_keys.response_body is 'Content type, headers and body that were answered; the body as a JSON string, so that its bytes return unchanged';
comment on column ops.idempotency_keys.expires_at is 'Kept until then: 24 hours';
select ops.make_tenant_table('ops.idempotency_keys');
create unique index idempotency_keys_key on ops.idempotency_keys (tenant_id, key, path, api_key_id, user_id) nulls not distinct;
create index idempotency_keys_expiry on ops.idempotency_keys (expires_at);
select ops.let_system_cross('ops.idempotency_keys', 'select, delete');

create function ops.sweep_idempotency_keys() returns int language sql set search_path = pg_catalog, ops as $f$
  with gone as (delete from ops.idempotency_keys where id in (select id from ops.idempotency_keys where expires_at < now() limit 5000) returning 1)
  select count(*)::int from gone
$f$;
select ops.cross_tenants('ops.sweep_idempotency_keys()');

-- migrate:down
drop function ops.sweep_idempotency_keys();
drop table ops.idempotency_keys;
drop function ops.tenants_with_stale_objects(int);
drop table storage.object_blobs;
drop table storage.objects;
drop function ops.tenants_with_old_key(text);
drop view ops.secret_hints;
drop table ops.secrets;
