-- Whose accounts a directory may take in, and who may change an account that more than one organisation relies on.
-- migrate:up
-- Whether an account is a member of another organisation than this one.
create function iam.is_shared_account(p_tenant uuid, p_user uuid) returns boolean language sql stable set search_path = pg_catalog, iam as $f$
  select exists (select from iam.tenant_members m join iam.tenants t on t.id = m.tenant_id and t.status <> 'deleted'
    where m.user_id = p_user and m.tenant_id <> p_tenant and m.deleted_at is null)
$f$;
select ops.cross_tenants('iam.is_shared_account(uuid, uuid)');

-- Whether a tenant's directory may take this account in without asking the person: when no other organisation has it, or the address is in a domain
-- of a provider that the installation's administrator trusts. Domains a tenant merely names itself prove nothing.
create function iam.may_admit(p_tenant uuid, p_user uuid) returns boolean language sql stable set search_path = pg_catalog, iam as $f$
  select not iam.is_shared_account(p_tenant, p_user) or exists (
    select from iam.identity_providers p join iam.users u on u.id = p_user
    where p.tenant_id = p_tenant and p.is_trusted and p.is_enabled and p.deleted_at is null and p.email_domains @> array[lower(split_part(u.email::text, '@', 2))])
$f$;
select ops.cross_tenants('iam.may_admit(uuid, uuid)');

-- migrate:down
drop function iam.may_admit(uuid, uuid), iam.is_shared_account(uuid, uuid);
