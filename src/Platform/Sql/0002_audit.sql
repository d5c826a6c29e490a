-- The audit log: append-only, hash-chained per tenant, written in the transaction of the change.
-- migrate:up
create table ops.audit_logs (
  tenant_id uuid, id uuid not null, team_id uuid, user_id uuid, api_key_id uuid, actor_label text not null,
  access_type text not null check (access_type in ('api', 'user_interface', 'mcp', 'automation', 'system', 'cli')),
  action text not null, resource_type text, resource_id uuid, old_values jsonb, new_values jsonb,
  ip_address inet, user_agent text,
  status text not null default 'success' check (status in ('success', 'failure', 'denied')),
  error_message text, correlation_id text, chain_position bigint not null, prev_hash bytea, row_hash bytea not null,
  metadata jsonb, occurred_at timestamptz not null default clock_timestamp(), created_at timestamptz,
  primary key (tenant_id, id)) partition by range (id);
comment on table ops.audit_logs is 'Who did what to what, when and from where; the app role can only add to it';
comment on column ops.audit_logs.team_id is 'Team the resource belongs to';
comment on column ops.audit_logs.user_id is 'Account that acted; kept when the account is gone';
comment on column ops.audit_logs.api_key_id is 'Key that acted';
comment on column ops.audit_logs.actor_label is 'The actor''s name at that time';
comment on column ops.audit_logs.access_type is 'Which door the act came through';
comment on column ops.audit_logs.action is 'Dotted name such as collection.created';
comment on column ops.audit_logs.resource_type is 'Kind of thing acted upon';
comment on column ops.audit_logs.resource_id is 'The thing acted upon';
comment on column ops.audit_logs.old_values is 'Changed columns before, secrets removed';
comment on column ops.audit_logs.new_values is 'Changed columns after, secrets removed';
comment on column ops.audit_logs.ip_address is 'Address of the client';
comment on column ops.audit_logs.user_agent is 'Program of the client, cut at 400 characters';
comment on column ops.audit_logs.status is 'Whether it was done, failed, or was refused';
comment on column ops.audit_logs.error_message is 'Why it failed or was refused';
comment on column ops.audit_logs.correlation_id is 'The request this belongs to, the same in logs, jobs and provider calls';
comment on column ops.audit_logs.chain_position is 'Place in the tenant''s chain, without gaps';
comment on column ops.audit_logs.prev_hash is 'row_hash of the place before; null at the first';
comment on column ops.audit_logs.row_hash is 'SHA-256 over prev_hash and this row';
comment on column ops.audit_logs.metadata is 'More facts of the act';
comment on column ops.audit_logs.occurred_at is 'When it happened';
select ops.make_tenant_table('ops.audit_logs', append_only => true);
create index on ops.audit_logs (tenant_id, occurred_at desc, id desc);
create index on ops.audit_logs (tenant_id, resource_type, resource_id);
create index on ops.audit_logs (tenant_id, chain_position);
insert into ops.partitioned_tables values ('ops.audit_logs', null);

create table ops.audit_heads (
  tenant_id uuid primary key, chain_position bigint not null, row_hash bytea);
comment on table ops.audit_heads is 'The end of each tenant''s audit chain';
comment on column ops.audit_heads.chain_position is 'Position of the newest row';
comment on column ops.audit_heads.row_hash is 'Its hash';
select ops.make_tenant_table('ops.audit_heads', append_only => true);
revoke insert on ops.audit_heads from lyceum_app;
select ops.let_system_cross('ops.audit_heads', 'select, insert, update');

-- One text from all facts of a row. jsonb sorts its keys, so the text is the same every time; nothing in it depends on a
-- session's settings. Without settings of its own it is inlined, which makes verifying several times faster.
create function ops.audit_text(r ops.audit_logs) returns text language sql stable parallel safe
return jsonb_build_array(r.tenant_id, r.id, r.team_id, r.user_id, r.api_key_id, r.actor_label, r.access_type, r.action, r.resource_type,
  r.resource_id, r.old_values, r.new_values, host(r.ip_address), r.user_agent, r.status, r.error_message, r.correlation_id,
  r.chain_position, r.metadata, extract(epoch from r.occurred_at))::text;

create function ops.audit_chain() returns trigger language plpgsql security definer set search_path = pg_catalog, ops as $f$
declare
  head ops.audit_heads;
begin
  -- The head row is the tenant's lock: rows of one tenant are chained one after the other until their transactions end.
  insert into ops.audit_heads values (new.tenant_id, 0, null) on conflict (tenant_id) do nothing;
  select * into head from ops.audit_heads where tenant_id = new.tenant_id for update;
  new.chain_position := head.chain_position + 1;
  new.prev_hash := head.row_hash;
  new.row_hash := sha256(coalesce(head.row_hash, ''::bytea) || convert_to(ops.audit_text(new), 'UTF8'));
  update ops.audit_heads set chain_position = new.chain_position, row_hash = new.row_hash where tenant_id = new.tenant_id;
  return new;
end $f$;
alter function ops.audit_chain() owner to lyceum_system;
create trigger chain before insert on ops.audit_logs for each row execute function ops.audit_chain();

-- One stretch of the current tenant's chain, checked against the row before it: how many rows, where it ended, and its first
-- fault: a changed, removed, inserted or reordered row. Callers walk stretch by stretch, so that a long chain fits the time limit.
create function ops.verify_audit_chain(p_after bigint, p_before_hash bytea, p_until bigint, p_limit int)
returns table (verified bigint, last_position bigint, last_hash bytea, fault_position bigint, fault text)
language sql stable set search_path = pg_catalog, ops as $f$
  with chained as materialized (
    select l.chain_position as position, l.row_hash,
      p_after + row_number() over w as expected,
      l.prev_hash is not distinct from lag(l.row_hash, 1, p_before_hash) over w as follows,
      l.row_hash = sha256(coalesce(l.prev_hash, ''::bytea) || convert_to(ops.audit_text(l), 'UTF8')) as whole
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

-- Removes what must never be read back from an audit row: hashes, ciphertexts, vectors and bulky texts.
create function ops.audit_redact(r jsonb) returns jsonb language sql immutable set search_path = pg_catalog
return (select coalesce(jsonb_object_agg(key, case when octet_length(value::text) > 4000 then to_jsonb('(' || octet_length(value::text) || ' bytes)') else value end), '{}')
  from jsonb_each(r)
  where key !~ '(hash|password|ciphertext|nonce|dek|token_|verifier|embedding$|^fts$|^api_key$)' and value <> 'null'::jsonb);

create function ops.audit_change() returns trigger language plpgsql set search_path = pg_catalog, ops as $f$
declare
  actor constant jsonb := nullif(current_setting('app.actor', true), '')::jsonb;
  ignored constant text[] := string_to_array(tg_argv[1], ',') || '{updated_at}'::text[];
  old_row jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  new_row jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  changed_before jsonb; changed_after jsonb; act text;
begin
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
    old_values, new_values, ip_address, user_agent, correlation_id, chain_position, row_hash)
  values ((coalesce(new_row, old_row) ->> 'tenant_id')::uuid, ops.uuid7(), (coalesce(new_row, old_row) ->> 'team_id')::uuid,
    (actor ->> 'user_id')::uuid, (actor ->> 'api_key_id')::uuid, coalesce(actor ->> 'label', session_user),
    coalesce(actor ->> 'access_type', 'system'), tg_argv[0] || '.' || act, tg_argv[0], (coalesce(new_row, old_row) ->> 'id')::uuid,
    ops.audit_redact(changed_before), ops.audit_redact(changed_after), (actor ->> 'ip')::inet, actor ->> 'user_agent', actor ->> 'correlation_id', 0, ''::bytea);
  return null;
end $f$;
select ops.ensure_partitions(3);

-- migrate:down
drop function ops.audit_change();
drop function ops.audit_redact(jsonb);
drop function ops.verify_audit_chain(bigint, bytea, bigint, int);
drop trigger chain on ops.audit_logs;
drop function ops.audit_chain();
drop function ops.audit_text(ops.audit_logs);
drop table ops.audit_heads;
drop table ops.audit_logs;
delete from ops.partitioned_tables where table_name = 'ops.audit_logs';
