-- The usage ledger: what was used, by whom, through which door. Written once, never changed.
-- migrate:up
create schema metering;
comment on schema metering is 'Usage, limits, billing';
grant usage on schema metering to lyceum_app, lyceum_readonly, lyceum_system, lyceum_backup;

-- agent_id and model_id point to tables of rooms above; the migrations of those rooms add the keys.
create table metering.usage_events (
  tenant_id uuid, id uuid not null, team_id uuid, user_id uuid references iam.users (id) on delete set null, api_key_id uuid,
  agent_id uuid, model_tenant_id uuid, model_id uuid, message_id uuid, workflow_execution_id uuid,
  metric_type text not null check (metric_type in ('api_calls', 'prompt_tokens', 'completion_tokens', 'embedding_tokens', 'agent_executions',
    'tool_calls', 'documents_indexed', 'storage_bytes', 'retrieval_queries', 'media_seconds')),
  quantity bigint not null check (quantity >= 0), unit_price numeric(18,8) check (unit_price >= 0), cost numeric(18,8), currency char(3),
  duration_ms int check (duration_ms >= 0), source text not null check (source in ('api', 'ui', 'mcp', 'automation', 'workflow', 'connector', 'system')),
  dedup_key text not null check (length(dedup_key) between 1 and 300), metadata jsonb not null default '{}' check (octet_length(metadata::text) <= 4000),
  occurred_at timestamptz not null, created_at timestamptz, updated_at timestamptz,
  primary key (tenant_id, id),
  check ((model_id is null) = (model_tenant_id is null) and model_tenant_id in (tenant_id, '00000000-0000-7000-8000-000000000001')),
  foreign key (tenant_id, team_id) references iam.teams (tenant_id, id) on delete set null (team_id),
  foreign key (tenant_id, api_key_id) references iam.api_keys (tenant_id, id) on delete set null (api_key_id)) partition by range (id);
comment on table metering.usage_events is 'Usage ledger; each thing used is one row, its key taken from the moment it began';
comment on column metering.usage_events.team_id is 'Team that used it';
comment on column metering.usage_events.user_id is 'Account that used it';
comment on column metering.usage_events.api_key_id is 'Key it was used with';
comment on column metering.usage_events.agent_id is 'Agent that used it';
comment on column metering.usage_events.model_tenant_id is 'Tenant of the model: the own or the platform''s';
comment on column metering.usage_events.model_id is 'Model that was called';
comment on column metering.usage_events.message_id is 'Chat message it was used for';
comment on column metering.usage_events.workflow_execution_id is 'Workflow execution it was used for';
comment on column metering.usage_events.metric_type is 'What was used; api_calls counts one for each call of a model, however often it was retried';
comment on column metering.usage_events.quantity is 'How much';
comment on column metering.usage_events.unit_price is 'Price of one unit at that time';
comment on column metering.usage_events.cost is 'Quantity times price at that time';
comment on column metering.usage_events.currency is 'Currency of price and cost';
comment on column metering.usage_events.duration_ms is 'How long it took; only on the row that counts the act itself';
comment on column metering.usage_events.source is 'Which door the use came through';
comment on column metering.usage_events.dedup_key is 'Names the use, so that telling it twice counts once';
comment on column metering.usage_events.metadata is 'More facts: estimated, status, code, attempts';
comment on column metering.usage_events.occurred_at is 'When the use began; a long answer belongs to the period it began in';
select ops.make_tenant_table('metering.usage_events', append_only => true);
create index usage_events_time on metering.usage_events (tenant_id, occurred_at);
create index usage_events_team on metering.usage_events (tenant_id, team_id) where team_id is not null;
create index usage_events_user on metering.usage_events (user_id) where user_id is not null;
create index usage_events_key on metering.usage_events (tenant_id, api_key_id) where api_key_id is not null;
create index usage_events_model on metering.usage_events (model_tenant_id, model_id) where model_id is not null;
insert into ops.partitioned_tables values ('metering.usage_events', null);

-- A unique key of a partitioned table must contain the partition key, so the uniqueness across months lives here.
create table metering.usage_event_keys (
  tenant_id uuid, id uuid not null, dedup_key text not null check (length(dedup_key) between 1 and 300), usage_event_id uuid not null,
  created_at timestamptz, updated_at timestamptz);
comment on table metering.usage_event_keys is 'Which uses the ledger already holds';
comment on column metering.usage_event_keys.dedup_key is 'The dedup_key of the ledger row';
comment on column metering.usage_event_keys.usage_event_id is 'The ledger row';
select ops.make_tenant_table('metering.usage_event_keys', append_only => true);
create unique index usage_event_keys_key on metering.usage_event_keys (tenant_id, dedup_key);
select ops.ensure_partitions(3);

insert into iam.permissions values ('metering.usage.read', 'metering', 'See what the tenant used');
insert into iam.role_permissions (tenant_id, id, role_id, permission_key)
  select ops.platform_tenant(), ops.uuid7(), id, 'metering.usage.read' from iam.roles where tenant_id = ops.platform_tenant() and key = 'tenant_admin';

-- migrate:down
delete from iam.role_permissions where permission_key = 'metering.usage.read';
delete from iam.permissions where key = 'metering.usage.read';
drop table metering.usage_event_keys;
drop table metering.usage_events;
delete from ops.partitioned_tables where table_name = 'metering.usage_events';
drop schema metering;
