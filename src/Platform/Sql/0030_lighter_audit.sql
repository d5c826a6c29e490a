-- Audit rows cost less: what changes nothing is seen at once, and names of secrets are compared instead of matched.
-- migrate:up
create or replace function ops.audit_redact(r jsonb) returns jsonb language sql immutable set search_path = pg_catalog
return (select coalesce(jsonb_object_agg(key, case
    when lower(replace(key, '_', '')) in ('email', 'firstname', 'lastname', 'username') then to_jsonb('(personal)'::text)
    when octet_length(value::text) > 4000 then to_jsonb('(' || octet_length(value::text) || ' bytes)') else value end), '{}')
  from jsonb_each(r)
  where value <> 'null'::jsonb and not (
    key like any (array['%hash%', '%password%', '%ciphertext%', '%nonce%', '%dek%', '%token\_%', '%\_token', '%\_secret', '%verifier%', '%embedding'])
    or key in ('token', 'secret', 'apiKey', 'fts', 'api_key', 'authorization') or (key <> lower(key) and key ~ '[a-z](Token|Secret|ApiKey)$')));

create or replace function ops.audit_change() returns trigger language plpgsql set search_path = pg_catalog, ops as $f$
declare
  actor jsonb;
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
    -- Counters and states move all the time: most updates change nothing that is told.
    if old_row - ignored = new_row - ignored then
      return null;
    end if;
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
  actor := nullif(current_setting('app.actor', true), '')::jsonb;
  insert into ops.audit_logs (tenant_id, id, team_id, user_id, api_key_id, actor_label, access_type, action, resource_type, resource_id,
    old_values, new_values, ip_address, user_agent, correlation_id, metadata, chain_position, row_hash)
  values ((coalesce(new_row, old_row) ->> 'tenant_id')::uuid, ops.uuid7(), (coalesce(new_row, old_row) ->> 'team_id')::uuid,
    (actor ->> 'user_id')::uuid, (actor ->> 'api_key_id')::uuid, coalesce(actor ->> 'label', session_user),
    coalesce(actor ->> 'access_type', 'system'), tg_argv[0] || '.' || act, tg_argv[0], (coalesce(new_row, old_row) ->> 'id')::uuid,
    case when changed_before is null then '{}' else ops.audit_redact(changed_before) end, case when changed_after is null then '{}' else ops.audit_redact(changed_after) end, (actor ->> 'ip')::inet, actor ->> 'user_agent', actor ->> 'correlation_id',
    case when actor ->> 'acted_by' is not null then jsonb_build_object('actedBy', actor ->> 'acted_by') end, 0, ''::bytea);
  return null;
end $f$;

-- migrate:down
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
