-- A slot fires in the transaction that finds it due, so a schedule has no lease; a failed job of it tells its own error.
-- migrate:up
create or replace function ops.fire_schedules(p_node text) returns int language plpgsql set search_path = pg_catalog, ops as $f$
declare
  due ops.schedules; fired int := 0; queue_name text;
begin
  for due in select * from ops.schedules where next_run_at <= now() order by next_run_at limit 100 for update skip locked loop
    queue_name := coalesce(due.payload ->> 'queue', 'maintenance');
    insert into ops.jobs (tenant_id, id, queue, job_type, ref_id, input, max_attempts, dedup_key)
    values (due.tenant_id, ops.uuid7(), queue_name, due.kind, due.ref_id, due.payload, 3, due.kind || ':' || coalesce(due.ref_id::text, ''))
    on conflict do nothing;
    update ops.schedules set last_run_at = due.next_run_at,
      next_run_at = due.next_run_at + make_interval(secs => due.interval_seconds
        * (floor(extract(epoch from now() - due.next_run_at) / due.interval_seconds) + 1))
    where tenant_id = due.tenant_id and id = due.id;
    perform pg_notify('lyceum', 'jobs:' || queue_name);
    fired := fired + 1;
  end loop;
  return fired;
end $f$;
select ops.cross_tenants('ops.fire_schedules(text)');
alter table ops.schedules drop column lease_owner, drop column lease_until, drop column last_error;

-- migrate:down
alter table ops.schedules add column lease_owner text, add column lease_until timestamptz, add column last_error text;
comment on column ops.schedules.lease_owner is 'Process that fired the last slot';
comment on column ops.schedules.lease_until is 'Unused by slots, which are exact by their row lock; kept for long-held schedules';
comment on column ops.schedules.last_error is 'Why the last slot could not be fired';
create or replace function ops.fire_schedules(p_node text) returns int language plpgsql set search_path = pg_catalog, ops as $f$
declare
  due ops.schedules; fired int := 0; queue_name text;
begin
  for due in select * from ops.schedules where next_run_at <= now() order by next_run_at limit 100 for update skip locked loop
    queue_name := coalesce(due.payload ->> 'queue', 'maintenance');
    insert into ops.jobs (tenant_id, id, queue, job_type, ref_id, input, max_attempts, dedup_key)
    values (due.tenant_id, ops.uuid7(), queue_name, due.kind, due.ref_id, due.payload, 3, due.kind || ':' || coalesce(due.ref_id::text, ''))
    on conflict do nothing;
    update ops.schedules set last_run_at = due.next_run_at, lease_owner = p_node,
      next_run_at = due.next_run_at + make_interval(secs => due.interval_seconds
        * (floor(extract(epoch from now() - due.next_run_at) / due.interval_seconds) + 1))
    where tenant_id = due.tenant_id and id = due.id;
    perform pg_notify('lyceum', 'jobs:' || queue_name);
    fired := fired + 1;
  end loop;
  return fired;
end $f$;
select ops.cross_tenants('ops.fire_schedules(text)');
