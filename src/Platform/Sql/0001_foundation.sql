-- The ground everything stands on: extensions, UUIDv7, the one call that makes a table a tenant table, partitions.
-- migrate:up
create extension if not exists vector;
create extension if not exists citext;
create extension if not exists pg_trgm;
create extension if not exists unaccent;
create extension if not exists btree_gist;

comment on schema ops is 'Audit, secrets, jobs, schedules, outbox, settings, operations';
create schema storage;
comment on schema storage is 'Objects: every stored file';
grant usage on schema ops, storage to lyceum_app, lyceum_readonly, lyceum_system, lyceum_backup;
grant create on schema ops to lyceum_system;
comment on table ops.schema_migrations is 'Which migrations were applied, and what their files said';
comment on column ops.schema_migrations.version is 'Room and number, such as Platform.0001';
comment on column ops.schema_migrations.name is 'The file''s name without its number';
comment on column ops.schema_migrations.checksum is 'SHA-256 of the file, hex; a changed file is refused';
comment on column ops.schema_migrations.applied_at is 'When it was applied';
comment on column ops.schema_migrations.duration_ms is 'How long it took, in milliseconds';
grant select on ops.schema_migrations to lyceum_app, lyceum_readonly, lyceum_backup;

-- The tenant this transaction works for; null when none is set, and then no policy lets a row through.
-- Never wrapped in a sub-select inside policies: the wrap hides the value from the planner (speed.md, finding 3).
create function ops.tenant() returns uuid language sql stable parallel safe
return nullif(current_setting('app.current_tenant_id', true), '')::uuid;

create function ops.platform_tenant() returns uuid language sql immutable parallel safe
return '00000000-0000-7000-8000-000000000001'::uuid;

-- UUIDv7 (RFC 9562, section 5.7) for rows that the database itself makes. 12 bits of sub-millisecond time follow the
-- version, as method 3 of the RFC allows, so that ids of one session rise.
create function ops.uuid7(at timestamptz default clock_timestamp()) returns uuid language sql volatile parallel safe
return (
  lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0')
  || '7' || lpad(to_hex(((extract(epoch from at) * 1000000)::bigint % 1000 * 4096 / 1000)::int), 3, '0')
  || substr(to_hex(8 + (random() * 3)::int), 1, 1)
  || substr(replace(gen_random_uuid()::text, '-', ''), 18, 15))::uuid;

-- The smallest UUIDv7 of an instant: the bound of a partition.
create function ops.uuid7_floor(at timestamptz) returns uuid language sql immutable parallel safe
return (lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid;

create function ops.touch() returns trigger language plpgsql set search_path = pg_catalog as $f$
begin
  new.updated_at := now();
  return new;
end $f$;

-- Makes a table a tenant table: key (tenant_id, id), forced row level security with USING and WITH CHECK, updated_at
-- kept by a trigger, grants, and an audit trigger where a resource type is given.
--   shared:      rows of the platform tenant are readable by every tenant (catalogues, shipped roles)
--   append_only: the app role may insert and read, never change or delete
--   audited:     the resource type audit rows will carry; null for none
--   ignored:     columns whose change alone is not worth an audit row (counters, times)
create function ops.make_tenant_table(
  target regclass, shared boolean default false, append_only boolean default false,
  audited text default null, ignored text[] default '{}') returns void language plpgsql as $f$
declare
  own constant text := 'tenant_id = nullif(current_setting(''app.current_tenant_id'', true), '''')::uuid';
  visible constant text := own || ' or (tenant_id = ''00000000-0000-7000-8000-000000000001''::uuid'
    || ' and nullif(current_setting(''app.current_tenant_id'', true), '''') is not null)';
begin
  execute format('alter table %s alter tenant_id set not null, alter tenant_id set default nullif(current_setting(''app.current_tenant_id'', true), '''')::uuid', target);
  execute format('comment on column %s.tenant_id is %L', target, 'The tenant this row belongs to');
  if exists (select from pg_attribute where attrelid = target and attname = 'id' and not attisdropped) then
    execute format('comment on column %s.id is %L', target, 'UUIDv7, made by the application');
    if not exists (select from pg_index where indrelid = target and indisprimary) then
      execute format('alter table %s add primary key (tenant_id, id)', target);
    end if;
  end if;
  execute format('alter table %s enable row level security, force row level security', target);
  if shared then
    execute format('create policy tenant_read on %s for select using (%s)', target, visible);
    execute format('create policy tenant_insert on %s for insert with check (%s)', target, own);
    execute format('create policy tenant_update on %s for update using (%s) with check (%s)', target, own, own);
    execute format('create policy tenant_delete on %s for delete using (%s)', target, own);
  else
    execute format('create policy tenant on %s using (%s) with check (%s)', target, own, own);
  end if;
  execute format('grant select, insert%s on %s to lyceum_app', case when append_only then '' else ', update, delete' end, target);
  execute format('grant select on %s to lyceum_readonly, lyceum_backup', target);
  if exists (select from pg_attribute where attrelid = target and attname = 'created_at' and not attisdropped) then
    execute format('alter table %s alter created_at set not null, alter created_at set default now()', target);
    execute format('comment on column %s.created_at is %L', target, 'When the row was made');
  end if;
  if exists (select from pg_attribute where attrelid = target and attname = 'updated_at' and not attisdropped) then
    execute format('alter table %s alter updated_at set not null, alter updated_at set default now()', target);
    execute format('comment on column %s.updated_at is %L', target, 'When the row last changed, kept by a trigger');
    execute format('create trigger touch before update on %s for each row execute function ops.touch()', target);
  end if;
  if exists (select from pg_attribute where attrelid = target and attname = 'deleted_at' and not attisdropped) then
    execute format('comment on column %s.deleted_at is %L', target, 'When the row was deleted; null while it lives');
  end if;
  if audited is not null then
    execute format('create trigger audit after insert or update or delete on %s for each row execute function ops.audit_change(%L, %L)',
      target, audited, array_to_string(ignored, ','));
  end if;
end $f$;

-- Lets the owner of the cross-tenant functions see a table whole. Only tables named here can be crossed, and only by the listed functions.
create function ops.let_system_cross(target regclass, actions text default 'select, insert, update, delete') returns void language plpgsql as $f$
begin
  execute format('create policy system on %s to lyceum_system using (true) with check (true)', target);
  execute format('grant %s on %s to lyceum_system', actions, target);
end $f$;

-- Turns a function into one that crosses tenants: it runs as lyceum_system, and only the app role may call it.
create function ops.cross_tenants(target regprocedure) returns void language plpgsql as $f$
begin
  if not exists (select from pg_proc where oid = target and proconfig::text like '%search_path%') then
    raise exception '% needs a pinned search_path', target;
  end if;
  execute format('alter function %s security definer', target);
  execute format('revoke all on function %s from public', target);
  execute format('grant execute on function %s to lyceum_app', target);
  execute format('alter function %s owner to lyceum_system', target);
end $f$;

create table ops.partitioned_tables (
  table_name text primary key,
  retention_months int check (retention_months > 0));
comment on table ops.partitioned_tables is 'Tables partitioned by month of their UUIDv7 key';
comment on column ops.partitioned_tables.table_name is 'Schema and table';
comment on column ops.partitioned_tables.retention_months is 'Partitions older than this are dropped; null keeps them';
grant select on ops.partitioned_tables to lyceum_app, lyceum_readonly, lyceum_backup;

-- Makes the partitions of this month and the months ahead. Runs as the owner; called by migrations and by a daily job, any number of times.
create function ops.ensure_partitions(months_ahead int default 3) returns int language plpgsql security definer set search_path = pg_catalog, ops as $f$
declare
  entry record; month timestamptz; part text; made int := 0;
begin
  if months_ahead not between 0 and 24 then
    raise exception 'months_ahead is between 0 and 24';
  end if;
  perform pg_advisory_xact_lock(hashtext('ops.ensure_partitions'));
  for entry in select table_name from ops.partitioned_tables order by 1 loop
    for month in select date_trunc('month', now() at time zone 'utc') at time zone 'utc' + make_interval(months => m) from generate_series(-1, months_ahead) m loop
      part := entry.table_name || '_' || to_char(month at time zone 'utc', 'YYYYMM');
      if to_regclass(part) is null then
        execute format('create table %s partition of %s for values from (%L) to (%L)', part, entry.table_name,
          ops.uuid7_floor(month), ops.uuid7_floor((month at time zone 'utc' + interval '1 month') at time zone 'utc'));
        -- No grants on the partition itself: it is reached through its parent, where the policy is.
        execute format('alter table %s enable row level security, force row level security', part);
        made := made + 1;
      end if;
    end loop;
  end loop;
  return made;
end $f$;
revoke all on function ops.ensure_partitions(int) from public;
grant execute on function ops.ensure_partitions(int) to lyceum_app;

-- Tables that lack the partition of next month: readiness reports them before inserts would fail.
create function ops.missing_partitions() returns setof text language sql stable set search_path = pg_catalog, ops as $f$
  select t.table_name || '_' || to_char(m at time zone 'utc', 'YYYYMM')
  from ops.partitioned_tables t,
       unnest(array[now(), now() + interval '1 month']) m
  where to_regclass(t.table_name || '_' || to_char(m at time zone 'utc', 'YYYYMM')) is null
$f$;

-- migrate:down
drop function ops.missing_partitions();
drop function ops.ensure_partitions(int);
drop table ops.partitioned_tables;
drop function ops.cross_tenants(regprocedure);
drop function ops.let_system_cross(regclass, text);
drop function ops.make_tenant_table(regclass, boolean, boolean, text, text[]);
drop function ops.touch();
drop function ops.uuid7_floor(timestamptz);
drop function ops.uuid7(timestamptz);
drop function ops.platform_tenant();
drop function ops.tenant();
drop schema storage;
