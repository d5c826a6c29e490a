-- Applications registered at outside services.
-- migrate:up
create schema connect;
comment on schema connect is 'Everything outside: sources, connections, integrations';
grant usage on schema connect to lyceum_app, lyceum_readonly, lyceum_system, lyceum_backup;

create table connect.oauth_clients (
  tenant_id uuid, id uuid not null, provider text not null check (length(provider) between 1 and 100), client_id text not null check (length(client_id) between 1 and 500), secret_id uuid,
  authorization_url text not null check (length(authorization_url) <= 1000), token_url text not null check (length(token_url) <= 1000),
  revocation_url text check (length(revocation_url) <= 1000), default_scopes text[] not null default '{}',
  created_at timestamptz, updated_at timestamptz, deleted_at timestamptz,
  foreign key (tenant_id, secret_id) references ops.secrets (tenant_id, id));
comment on table connect.oauth_clients is 'Who we are at outside services; those of the platform tenant serve every organisation that has none of its own';
comment on column connect.oauth_clients.provider is 'Name people see';
comment on column connect.oauth_clients.client_id is 'Who we are there';
comment on column connect.oauth_clients.secret_id is 'The client secret; null for a public client';
comment on column connect.oauth_clients.authorization_url is 'Where people are sent to agree; names the service';
comment on column connect.oauth_clients.token_url is 'Where codes are exchanged';
comment on column connect.oauth_clients.revocation_url is 'Where tokens are given back; null where there is none';
comment on column connect.oauth_clients.default_scopes is 'What is asked for unless a connection says otherwise';
select ops.make_tenant_table('connect.oauth_clients', shared => true, audited => 'oauth_client');
create unique index oauth_clients_url on connect.oauth_clients (tenant_id, authorization_url) where deleted_at is null;
create index oauth_clients_secret on connect.oauth_clients (tenant_id, secret_id);

-- migrate:down
drop table connect.oauth_clients;
drop schema connect;
