-- Runs of paused tenants wait; logs of runs go with a person who is erased.
-- migrate:up
create or replace function agents.claim_runs(p_node text, p_batch int, p_lease_seconds int, p_except uuid[])
returns table (run_tenant uuid, run_id uuid) language sql set search_path = pg_catalog, agents as $f$
  with free as (
    select tenant_id, id from agents.runs
    where status in ('queued', 'running') and (lease_until is null or lease_until < now()) and id <> all (p_except)
      and tenant_id not in (select p.tenant_id from ops.paused_tenants p)
    order by lease_until nulls first limit least(p_batch, 500) for update skip locked)
  update agents.runs r set lease_owner = p_node, lease_until = now() + make_interval(secs => p_lease_seconds),
    takeovers = r.takeovers + (r.lease_owner is not null and r.status = 'running')::int
  from free where r.tenant_id = free.tenant_id and r.id = free.id
  returning r.tenant_id, r.id
$f$;
select ops.cross_tenants('agents.claim_runs(text, int, int, uuid[])');

-- The log of a run is only ever added to, except that a person is forgotten. Works within the current tenant.
select ops.let_system_cross('agents.run_events', 'select, delete');
create function agents.erase_run_events(p_user uuid) returns bigint language sql set search_path = pg_catalog, agents as $f$
  with erased as (
    delete from agents.run_events e where e.tenant_id = ops.tenant() and e.run_id in (
      select r.id from agents.runs r where r.tenant_id = ops.tenant() and r.user_id = p_user) returning 1)
  select count(*) from erased
$f$;
select ops.cross_tenants('agents.erase_run_events(uuid)');

-- migrate:down
drop function agents.erase_run_events(uuid);
drop policy system on agents.run_events;
revoke select, delete on agents.run_events from lyceum_system;
create or replace function agents.claim_runs(p_node text, p_batch int, p_lease_seconds int, p_except uuid[])
returns table (run_tenant uuid, run_id uuid) language sql set search_path = pg_catalog, agents as $f$
  with free as (
    select tenant_id, id from agents.runs
    where status in ('queued', 'running') and (lease_until is null or lease_until < now()) and id <> all (p_except)
    order by lease_until nulls first limit least(p_batch, 500) for update skip locked)
  update agents.runs r set lease_owner = p_node, lease_until = now() + make_interval(secs => p_lease_seconds),
    takeovers = r.takeovers + (r.lease_owner is not null and r.status = 'running')::int
  from free where r.tenant_id = free.tenant_id and r.id = free.id
  returning r.tenant_id, r.id
$f$;
select ops.cross_tenants('agents.claim_runs(text, int, int, uuid[])');
