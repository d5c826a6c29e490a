-- Runs of paused tenants wait.
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

-- migrate:down
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
