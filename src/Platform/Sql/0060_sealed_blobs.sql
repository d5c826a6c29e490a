-- Files whose bytes are rows are sealed, each under a key of its own that the master key wraps.
-- migrate:up
alter table storage.object_blobs add column dek_wrapped bytea;
comment on column storage.object_blobs.data is 'Its bytes, stored out of line and uncompressed so that parts can be read; sealed in segments where encrypted';
comment on column storage.object_blobs.key_id is 'Which master key wraps its key';
comment on column storage.object_blobs.dek_wrapped is 'The key it is sealed under, wrapped by the master key';
-- What a migration taken back kept before the bytes.
alter table storage.object_blobs no force row level security;
update storage.object_blobs set dek_wrapped = substring(data for 60), data = substring(data from 61) where encrypted;
alter table storage.object_blobs force row level security;
alter table storage.object_blobs add constraint object_blobs_sealed check (not encrypted or (key_id is not null and dek_wrapped is not null)) not valid;
create index object_blobs_key on storage.object_blobs (key_id) where key_id is not null;
select ops.let_system_cross('storage.object_blobs', 'select');

create or replace function ops.tenants_with_old_key(p_key_id text) returns setof uuid language sql stable set search_path = pg_catalog, ops as $f$
  select tenant_id from ops.secrets where key_id <> p_key_id
  union
  select tenant_id from storage.object_blobs where key_id <> p_key_id
$f$;
select ops.cross_tenants('ops.tenants_with_old_key(text)');

-- migrate:down
create or replace function ops.tenants_with_old_key(p_key_id text) returns setof uuid language sql stable set search_path = pg_catalog, ops as $f$
  select distinct tenant_id from ops.secrets where key_id <> p_key_id
$f$;
select ops.cross_tenants('ops.tenants_with_old_key(text)');
drop policy system on storage.object_blobs;
revoke select on storage.object_blobs from lyceum_system;
drop index storage.object_blobs_key;
alter table storage.object_blobs drop constraint object_blobs_sealed;
-- The release before cannot read them; nothing of them is lost.
alter table storage.object_blobs no force row level security;
update storage.object_blobs set data = dek_wrapped || data where encrypted;
alter table storage.object_blobs force row level security;
alter table storage.object_blobs drop column dek_wrapped;
