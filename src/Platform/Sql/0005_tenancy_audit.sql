-- Paused tenants; audit rows whose actor can be forgotten without breaking the chain; archived parts of chains; dropping of old partitions.
-- migrate:up
create table ops.paused_tenants (tenant_id uuid primary key, reason text not null check (length(reason) <= 500), created_at timestamptz);
comment on table ops.paused_tenants is 'Tenants whose background work waits: suspended and deleted ones';
comment on column ops.paused_tenants.reason is 'Why';
select ops.make_tenant_table('ops.paused_tenants', append_only => true);
revoke insert on ops.paused_tenants from lyceum_app;
select ops.let_system_cross('ops.paused_tenants');

-- To the claim, a paused tenant looks as if it ran all it may: it costs the others no turn, and its jobs wait where they are.
do $do$
declare
  busy constant text := $b$select r.tenant_id, count(*)::int as jobs from ops.jobs r where r.queue = p_queue and r.status = 'running' group by r.tenant_id$b$;
  definition constant text := pg_get_functiondef('ops.claim_jobs(text, text, int, int, int, uuid)'::regprocedure);
begin
  if position(busy in definition) = 0 then
    raise exception 'ops.claim_jobs is not the one this migration knows';
  end if;
  execute replace(definition, busy, 'select b.tenant_id, max(b.jobs) as jobs from (' || busy || ' union all select p.tenant_id, 1000000 from ops.paused_tenants p) b group by b.tenant_id');
end $do$;

-- Who acted, and the values before and after, are hashed by themselves, each with a salt of its own. The chain holds those hashes, so a person,
-- and what a private thing of theirs said, can be taken out of a row (with the salt, without which nobody can guess them back) while the row
-- still proves that it is the one that was written.
alter table ops.audit_logs add column if not exists actor_salt bytea, add column if not exists actor_digest bytea, add column if not exists erasure_id uuid,
  add column if not exists values_salt bytea, add column if not exists values_digest bytea;
comment on column ops.audit_logs.actor_salt is 'Random; gone once the person was erased';
comment on column ops.audit_logs.actor_digest is 'SHA-256 over the salt and who acted from where; part of the chain';
comment on column ops.audit_logs.values_salt is 'Random; gone once the values were erased';
comment on column ops.audit_logs.values_digest is 'SHA-256 over the salt and the values before and after; part of the chain';
comment on column ops.audit_logs.erasure_id is 'The row that tells of the erasure which took the person out of this one';
create index if not exists audit_logs_erasure on ops.audit_logs (tenant_id, erasure_id) where erasure_id is not null;
create index if not exists audit_logs_user on ops.audit_logs (tenant_id, user_id) where user_id is not null;

create or replace function ops.audit_text(r ops.audit_logs) returns text language sql stable parallel safe
return case when r.actor_digest is null
  then jsonb_build_array(r.tenant_id, r.id, r.team_id, r.user_id, r.api_key_id, r.actor_label, r.access_type, r.action, r.resource_type,
    r.resource_id, r.old_values, r.new_values, host(r.ip_address), r.user_agent, r.status, r.error_message, r.correlation_id,
    r.chain_position, r.metadata, extract(epoch from r.occurred_at))::text
  else jsonb_build_array(2, r.tenant_id, r.id, r.team_id, encode(r.actor_digest, 'hex'), r.api_key_id, r.access_type, r.action, r.resource_type,
    r.resource_id, encode(r.values_digest, 'hex'), r.status, r.error_message, r.correlation_id, r.chain_position, r.metadata, extract(epoch from r.occurred_at))::text end;

create or replace function ops.audit_chain() returns trigger language plpgsql security definer set search_path = pg_catalog, ops as $f$
declare
  head ops.audit_heads;
begin
  new.actor_salt := uuid_send(gen_random_uuid());
  new.actor_digest := sha256(new.actor_salt || convert_to(jsonb_build_array(new.user_id, new.actor_label, host(new.ip_address), new.user_agent)::text, 'UTF8'));
  new.values_salt := uuid_send(gen_random_uuid());
  new.values_digest := sha256(new.values_salt || convert_to(jsonb_build_array(new.old_values, new.new_values)::text, 'UTF8'));
  new.erasure_id := null;
  -- The head row is the tenant's lock: rows of one tenant are chained one after the other until their transactions end.
  insert into ops.audit_heads values (new.tenant_id, 0, null) on conflict (tenant_id) do nothing;
  select * into head from ops.audit_heads where tenant_id = new.tenant_id for update;
  new.chain_position := head.chain_position + 1;
  new.prev_hash := head.row_hash;
  new.row_hash := sha256(coalesce(head.row_hash, ''::bytea) || convert_to(ops.audit_text(new), 'UTF8'));
  update ops.audit_heads set chain_position = new.chain_position, row_hash = new.row_hash where tenant_id = new.tenant_id;
  return new;
end $f$;

create or replace function ops.verify_audit_chain(p_after bigint, p_before_hash bytea, p_until bigint, p_limit int)
returns table (verified bigint, last_position bigint, last_hash bytea, fault_position bigint, fault text)
language sql stable set search_path = pg_catalog, ops as $f$
  with chained as materialized (
    select l.chain_position as position, l.row_hash,
      p_after + row_number() over w as expected,
      l.prev_hash is not distinct from lag(l.row_hash, 1, p_before_hash) over w as follows,
      l.row_hash = sha256(coalesce(l.prev_hash, ''::bytea) || convert_to(ops.audit_text(l), 'UTF8'))
        and (l.actor_digest is null or case when l.actor_salt is null then l.erasure_id is not null and l.user_id is null and l.ip_address is null and l.user_agent is null
          else l.actor_digest = sha256(l.actor_salt || convert_to(jsonb_build_array(l.user_id, l.actor_label, host(l.ip_address), l.user_agent)::text, 'UTF8')) end)
        and (l.actor_digest is null or case when l.values_salt is null then l.erasure_id is not null and l.old_values is null and l.new_values is null
          else l.values_digest = sha256(l.values_salt || convert_to(jsonb_build_array(l.old_values, l.new_values)::text, 'UTF8')) end) as whole
    from ops.audit_logs l
    where l.tenant_id = ops.tenant() and l.chain_position > p_after and l.chain_position <= p_until
    window w as (order by l.chain_position)
    order by l.chain_position limit p_limit),
  fault as (
    select c.position, case
      when not c.whole then 'changed'
      when c.position <> c.expected then 'missing or inserted before this position'
      else 'does not follow the row before' end as what
    from chained c where not c.whole or c.position <> c.expected or not c.follows
    order by c.position limit 1),
  ending as (select c.position, c.row_hash from chained c order by c.position desc limit 1)
  select (select count(*) from chained), (select position from ending), (select row_hash from ending), (select position from fault), (select what from fault)
$f$;

-- Takes an account out of the audit rows of the current tenant in which it acted, and the values out of rows about things that go with it.
-- p_erasure is the row that will tell of it. Returns how many rows.
create function ops.erase_actor(p_user uuid, p_erasure uuid, p_things uuid[]) returns int language sql set search_path = pg_catalog, ops as $f$
  with chosen as (
    select l.id, l.user_id is not distinct from p_user and l.actor_salt is not null as acted, l.resource_id = any (p_things) and l.values_salt is not null as about
    from ops.audit_logs l where l.tenant_id = ops.tenant() and (l.user_id = p_user or l.resource_id = any (p_things))),
  erased as (
    update ops.audit_logs l set erasure_id = p_erasure,
      user_id = case when c.acted then null else l.user_id end, actor_label = case when c.acted then '(erased)' else l.actor_label end,
      ip_address = case when c.acted then null else l.ip_address end, user_agent = case when c.acted then null else l.user_agent end,
      actor_salt = case when c.acted then null else l.actor_salt end,
      old_values = case when c.about then null else l.old_values end, new_values = case when c.about then null else l.new_values end,
      values_salt = case when c.about then null else l.values_salt end
    from chosen c where l.tenant_id = ops.tenant() and l.id = c.id and (c.acted or c.about) returning 1)
  select count(*)::int from erased
$f$;
create policy system_erase on ops.audit_logs for update to lyceum_system using (true) with check (true);
create policy system_read on ops.audit_logs for select to lyceum_system using (true);
grant select, update (user_id, actor_label, ip_address, user_agent, actor_salt, old_values, new_values, values_salt, erasure_id) on ops.audit_logs to lyceum_system;
select ops.cross_tenants('ops.erase_actor(uuid, uuid, uuid[])');

-- What must never be read back from an audit row: hashes, secrets, ciphertexts, vectors and bulky texts; of people, what names them.
create or replace function ops.audit_redact(r jsonb) returns jsonb language sql immutable set search_path = pg_catalog
return (select coalesce(jsonb_object_agg(key, case
    when key ~* '^(e_?mail|first_?name|last_?name|user_?name)$' then to_jsonb('(personal)'::text)
    when octet_length(value::text) > 4000 then to_jsonb('(' || octet_length(value::text) || ' bytes)') else value end), '{}')
  from jsonb_each(r)
  where key !~ '(hash|password|ciphertext|nonce|dek|token_|(^|_)token$|(^|_)secret$|[a-z](Token|Secret|ApiKey)$|^apiKey$|verifier|embedding$|^fts$|^api_key$|^authorization$)' and value <> 'null'::jsonb);

create or replace function ops.audit_change() returns trigger language plpgsql set search_path = pg_catalog, ops as $f$
declare
  actor constant jsonb := nullif(current_setting('app.actor', true), '')::jsonb;
  ignored constant text[] := string_to_array(tg_argv[1], ',') || '{updated_at}'::text[];
  old_row jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  new_row jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  changed_before jsonb; changed_after jsonb; act text;
begin
  -- A purge takes the log along and is told in the platform's. Only the owner of the table can say that it purges.
  if current_setting('app.purging', true) = 'on' and session_user = pg_get_userbyid((select relowner from pg_class where oid = tg_relid)) then
    return null;
  end if;
  if tg_op = 'UPDATE' then
    select jsonb_object_agg(o.key, o.value), jsonb_object_agg(o.key, new_row -> o.key) into changed_before, changed_after
    from jsonb_each(old_row) o
    where o.value is distinct from new_row -> o.key and o.key <> all (ignored);
    if changed_before is null then
      return null;
    end if;
    act := case
      when changed_before ? 'deleted_at' and new_row ->> 'deleted_at' is not null then 'deleted'
      when changed_before ? 'deleted_at' then 'restored'
      else 'updated' end;
  else
    changed_before := old_row; changed_after := new_row;
    act := case tg_op when 'INSERT' then 'created' else 'deleted' end;
  end if;
  insert into ops.audit_logs (tenant_id, id, team_id, user_id, api_key_id, actor_label, access_type, action, resource_type, resource_id,
    old_values, new_values, ip_address, user_agent, correlation_id, metadata, chain_position, row_hash)
  values ((coalesce(new_row, old_row) ->> 'tenant_id')::uuid, ops.uuid7(), (coalesce(new_row, old_row) ->> 'team_id')::uuid,
    (actor ->> 'user_id')::uuid, (actor ->> 'api_key_id')::uuid, coalesce(actor ->> 'label', session_user),
    coalesce(actor ->> 'access_type', 'system'), tg_argv[0] || '.' || act, tg_argv[0], (coalesce(new_row, old_row) ->> 'id')::uuid,
    ops.audit_redact(changed_before), ops.audit_redact(changed_after), (actor ->> 'ip')::inet, actor ->> 'user_agent', actor ->> 'correlation_id',
    case when actor ->> 'acted_by' is not null then jsonb_build_object('actedBy', actor ->> 'acted_by') end, 0, ''::bytea);
  return null;
end $f$;

create table ops.audit_anchors (
  tenant_id uuid, id uuid not null, chain_position bigint not null, row_hash bytea not null, archive text not null check (length(archive) <= 500),
  first_position bigint not null, row_count bigint not null, created_at timestamptz);
comment on table ops.audit_anchors is 'Where the kept part of a tenant''s chain begins: what came before was archived and dropped';
comment on column ops.audit_anchors.chain_position is 'Last position of the archived part';
comment on column ops.audit_anchors.row_hash is 'Its hash, which the first kept row follows';
comment on column ops.audit_anchors.archive is 'File it was written to, below LYCEUM_HOME/audit';
comment on column ops.audit_anchors.first_position is 'First position of the archived part';
comment on column ops.audit_anchors.row_count is 'Rows in it';
select ops.make_tenant_table('ops.audit_anchors', append_only => true);
create unique index audit_anchors_position on ops.audit_anchors (tenant_id, chain_position);

-- The end of every tenant's chain: no facts of theirs, only how far it has come.
create function ops.audit_ends() returns table (tenant_id uuid, chain_position bigint, row_hash bytea) language sql stable set search_path = pg_catalog, ops as $f$
  select h.tenant_id, h.chain_position, h.row_hash from ops.audit_heads h where h.chain_position > 0 order by h.tenant_id
$f$;
select ops.cross_tenants('ops.audit_ends()');

-- Partitions whose month ended more than p_months ago, oldest first.
create function ops.old_partitions(p_table text, p_months int) returns setof text language sql stable set search_path = pg_catalog, ops as $f$
  select n.nspname || '.' || c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_namespace n on n.oid = c.relnamespace
  where i.inhparent = p_table::regclass and p_months > 0
    and to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month' <= date_trunc('month', now() at time zone 'utc') - make_interval(months => p_months - 1)
  order by right(c.relname, 6)
$f$;

-- migrate:down
drop function ops.old_partitions(text, int);
drop function ops.audit_ends();
drop table ops.audit_anchors;
drop function ops.erase_actor(uuid, uuid, uuid[]);
drop policy system_erase on ops.audit_logs;
drop policy system_read on ops.audit_logs;
revoke select, update (user_id, actor_label, ip_address, user_agent, actor_salt, old_values, new_values, values_salt, erasure_id) on ops.audit_logs from lyceum_system;
create or replace function ops.audit_redact(r jsonb) returns jsonb language sql immutable set search_path = pg_catalog
return (select coalesce(jsonb_object_agg(key, case when octet_length(value::text) > 4000 then to_jsonb('(' || octet_length(value::text) || ' bytes)') else value end), '{}')
  from jsonb_each(r)
  where key !~ '(hash|password|ciphertext|nonce|dek|token_|verifier|embedding$|^fts$|^api_key$)' and value <> 'null'::jsonb);
-- Rows written since are chained by their digests: the columns and the functions that read them stay, since without them the chain would not hold.
do $do$
begin
  execute replace(pg_get_functiondef('ops.claim_jobs(text, text, int, int, int, uuid)'::regprocedure), ' union all select p.tenant_id, 1000000 from ops.paused_tenants p', '');
end $do$;
drop table ops.paused_tenants;
