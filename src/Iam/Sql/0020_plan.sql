-- The plan of a tenant is set by itself, and can be taken away.
-- migrate:up
create function iam.set_plan(p_tenant uuid, p_plan text) returns boolean language plpgsql set search_path = pg_catalog, iam as $f$
begin
  update iam.tenants t set plan_code = p_plan where t.id = p_tenant and t.id <> ops.platform_tenant();
  return found;
end $f$;
select ops.cross_tenants('iam.set_plan(uuid, text)');

-- migrate:down
drop function iam.set_plan(uuid, text);
