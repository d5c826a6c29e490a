-- A provider of a tenant may keep the key that its models share. Changing it is one act and one audit row, whatever else it touches.
-- migrate:up
alter table models.providers add column secret_id uuid;
comment on column models.providers.secret_id is 'API key its models share in ops.secrets; null for none. A model with an address of its own never gets it';
alter table models.providers add foreign key (tenant_id, secret_id) references ops.secrets (tenant_id, id);
create index providers_secret on models.providers (tenant_id, secret_id);
select iam.audit_by_act('models.providers', 'provider');

-- migrate:down
drop trigger act on models.providers;
drop trigger audit on models.providers;
create trigger audit after insert or update or delete on models.providers for each row execute function ops.audit_change('provider', '');
-- The keys stay in ops.secrets, encrypted; nothing refers to them any more.
alter table models.providers drop column secret_id;
