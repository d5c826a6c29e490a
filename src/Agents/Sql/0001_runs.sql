-- Agents with their versions, and the run engine: runs, the journal of their steps, the log of what their readers see.
-- migrate:up
create schema agents;
comment on schema agents is 'Agents, their versions and their runs';
grant usage on schema agents to lyceum_app, lyceum_readonly, lyceum_system, lyceum_backup;
grant create on schema agents to lyceum_system;

create table agents.agents (
  tenant_id uuid, id uuid not null, team_id uuid,
  kind text not null default 'agent' check (kind in ('agent', 'assistant', 'model', 'ocr', 'automation')),
  name text not null check (length(name) between 1 and 200), slug citext not null check (slug ~ '^[a-z0-9](-?[a-z0-9]){0,62}$'),
  description text check (length(description) <= 4000),
  status text not null default 'active' check (status in ('active', 'inactive', 'archived', 'draft')),
  visibility text not null default 'team' check (visibility in ('private', 'team', 'company')),
  callable_as_tool boolean not null default false, is_default boolean not null default false, category_id uuid, icon_object_id uuid,
  current_version_id uuid, request_count bigint not null default 0, display_priority int not null default 0, tags text[] not null default '{}',
  metadata jsonb not null default '{}' check (octet_length(metadata::text) <= 20000), created_by uuid references iam.users (id) on delete set null,
  marketplace_visibility text not null default 'unpublished' check (marketplace_visibility in ('unpublished', 'private', 'public')),
  created_at timestamptz, updated_at timestamptz, deleted_at timestamptz,
  foreign key (tenant_id, team_id) references iam.teams (tenant_id, id),
  foreign key (tenant_id, icon_object_id) references storage.objects (tenant_id, id));
comment on table agents.agents is 'Identity of an agent; how it behaves is in its versions. Agents of the platform tenant are shared by all';
comment on column agents.agents.team_id is 'Team it belongs to; null for the whole tenant';
comment on column agents.agents.kind is 'What it is used as';
comment on column agents.agents.name is 'Name people see';
comment on column agents.agents.slug is 'Short name for addresses and for model names of the API';
comment on column agents.agents.description is 'What it is for';
comment on column agents.agents.status is 'Only active agents can be asked';
comment on column agents.agents.visibility is 'Who sees it beside its maker: nobody, its team, the whole tenant';
comment on column agents.agents.callable_as_tool is 'Whether other agents may call it';
comment on column agents.agents.is_default is 'Answers where no agent was chosen';
comment on column agents.agents.category_id is 'Category it is listed under';
comment on column agents.agents.icon_object_id is 'Stored picture';
comment on column agents.agents.current_version_id is 'Published version that runs use';
comment on column agents.agents.request_count is 'Runs so far, counted in batches';
comment on column agents.agents.display_priority is 'Higher is listed first';
comment on column agents.agents.tags is 'Words to find it by';
comment on column agents.agents.metadata is 'Facts about it that nothing enforces';
comment on column agents.agents.created_by is 'Who made it';
comment on column agents.agents.marketplace_visibility is 'Whether it is offered to others';
select ops.make_tenant_table('agents.agents', shared => true, audited => 'agent', ignored => '{request_count}');
create unique index agents_slug on agents.agents (tenant_id, slug) where deleted_at is null;
create unique index agents_default on agents.agents (tenant_id) where is_default and deleted_at is null;
create index agents_team on agents.agents (tenant_id, team_id);
create index agents_icon on agents.agents (tenant_id, icon_object_id);
create index agents_creator on agents.agents (created_by);

create table agents.agent_versions (
  tenant_id uuid, id uuid not null, agent_id uuid not null, version_number int not null check (version_number > 0), version_label text,
  status text not null default 'draft' check (status in ('draft', 'published', 'retired')),
  model_tenant_id uuid check (model_tenant_id in (tenant_id, '00000000-0000-7000-8000-000000000001')), model_id uuid,
  fallback_model_tenant_id uuid check (fallback_model_tenant_id in (tenant_id, '00000000-0000-7000-8000-000000000001')), fallback_model_id uuid,
  system_prompt text check (length(system_prompt) <= 100000), prompt_template text check (length(prompt_template) <= 100000),
  temperature numeric(3,2) check (temperature between 0 and 2), max_completion_tokens int check (max_completion_tokens > 0),
  max_history_items int check (max_history_items >= 0), max_chunks int check (max_chunks between 1 and 100), trim_ratio int check (trim_ratio between 0 and 100),
  memory_enabled boolean not null default false, memory_max_messages int, memory_max_tokens int, memory_summarize_threshold int,
  timeout_seconds int check (timeout_seconds between 1 and 86400), max_iterations int check (max_iterations between 1 and 1000),
  output_schema_id uuid, retrieval_strategy text check (retrieval_strategy in ('hybrid', 'vector', 'lexical')),
  starter_messages text[] not null default '{}', disclaimer text, capabilities text[] not null default '{}',
  config jsonb not null default '{}' check (octet_length(config::text) <= 100000), published_at timestamptz,
  published_by uuid references iam.users (id) on delete set null, created_at timestamptz, updated_at timestamptz,
  check ((model_id is null) = (model_tenant_id is null)), check ((fallback_model_id is null) = (fallback_model_tenant_id is null)),
  foreign key (tenant_id, agent_id) references agents.agents (tenant_id, id) on delete cascade,
  foreign key (model_tenant_id, model_id) references models.models (tenant_id, id),
  foreign key (fallback_model_tenant_id, fallback_model_id) references models.models (tenant_id, id));
comment on table agents.agent_versions is 'Everything that decides how an agent behaves; a published version never changes';
comment on column agents.agent_versions.agent_id is 'The agent';
comment on column agents.agent_versions.version_number is 'Counts up within the agent';
comment on column agents.agent_versions.version_label is 'Name of the version';
comment on column agents.agent_versions.status is 'draft while it is edited, published, or retired';
comment on column agents.agent_versions.model_tenant_id is 'Tenant of the model: the own or the platform''s';
comment on column agents.agent_versions.model_id is 'Model that answers; null for the tenant''s default';
comment on column agents.agent_versions.fallback_model_tenant_id is 'Tenant of the second model: the own or the platform''s';
comment on column agents.agent_versions.fallback_model_id is 'Model to use when the first is not reachable';
comment on column agents.agent_versions.system_prompt is 'Instructions to the model';
comment on column agents.agent_versions.prompt_template is 'Form of the user''s message';
comment on column agents.agent_versions.temperature is 'How freely the model words its answer; null for the model''s own default';
comment on column agents.agent_versions.max_completion_tokens is 'Longest answer in tokens';
comment on column agents.agent_versions.max_history_items is 'Earlier messages the model is shown at most';
comment on column agents.agent_versions.max_chunks is 'Passages the model is shown at most';
comment on column agents.agent_versions.trim_ratio is 'Percent of the history kept when it grows too long';
comment on column agents.agent_versions.memory_enabled is 'Whether it remembers between conversations';
comment on column agents.agent_versions.memory_max_messages is 'Messages remembered at most';
comment on column agents.agent_versions.memory_max_tokens is 'Tokens of memory shown to the model at most';
comment on column agents.agent_versions.memory_summarize_threshold is 'Messages after which memory is summarised';
comment on column agents.agent_versions.timeout_seconds is 'Longest run in seconds; null for the installation''s limit';
comment on column agents.agent_versions.max_iterations is 'Steps a run may take at most; null for the installation''s limit';
comment on column agents.agent_versions.output_schema_id is 'Schema its answers must satisfy';
comment on column agents.agent_versions.retrieval_strategy is 'How passages are searched; null for hybrid';
comment on column agents.agent_versions.starter_messages is 'Questions offered to begin with';
comment on column agents.agent_versions.disclaimer is 'Note shown with its answers';
comment on column agents.agent_versions.capabilities is 'What its model must be able to do';
comment on column agents.agent_versions.config is 'More settings';
comment on column agents.agent_versions.published_at is 'When it was published';
comment on column agents.agent_versions.published_by is 'Who published it';
select ops.make_tenant_table('agents.agent_versions', shared => true, audited => 'agent_version');
create unique index agent_versions_number on agents.agent_versions (tenant_id, agent_id, version_number);
create index agent_versions_model on agents.agent_versions (model_tenant_id, model_id);
create index agent_versions_fallback on agents.agent_versions (fallback_model_tenant_id, fallback_model_id);
create index agent_versions_publisher on agents.agent_versions (published_by);
alter table agents.agents add foreign key (tenant_id, current_version_id) references agents.agent_versions (tenant_id, id);
create index agents_version on agents.agents (tenant_id, current_version_id);

create table agents.agent_collections (
  tenant_id uuid, id uuid not null, agent_version_id uuid not null, collection_id uuid not null, is_default boolean not null default true,
  weight real not null default 1 check (weight > 0), order_index int not null default 0, created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, agent_version_id) references agents.agent_versions (tenant_id, id) on delete cascade);
comment on table agents.agent_collections is 'Collections an agent reads; none means all that the asking user may read';
comment on column agents.agent_collections.agent_version_id is 'The version';
comment on column agents.agent_collections.collection_id is 'The collection; one that is gone or hidden from the user is left out';
comment on column agents.agent_collections.is_default is 'Read unless the caller names others';
comment on column agents.agent_collections.weight is 'Importance among the collections';
comment on column agents.agent_collections.order_index is 'Place in lists';
select ops.make_tenant_table('agents.agent_collections', audited => 'agent_collection');
create unique index agent_collections_pair on agents.agent_collections (tenant_id, agent_version_id, collection_id);

create table agents.runs (
  tenant_id uuid, id uuid not null,
  agent_tenant_id uuid not null check (agent_tenant_id in (tenant_id, '00000000-0000-7000-8000-000000000001')),
  agent_id uuid not null, agent_version_id uuid not null, conversation_id uuid, message_id uuid, parent_run_id uuid, root_run_id uuid,
  source text not null check (source in ('web', 'api', 'mcp', 'automation', 'workflow', 'agent', 'evaluation')),
  status text not null default 'queued' check (status in ('queued', 'running', 'waiting', 'completed', 'failed', 'cancelled', 'interrupted')),
  stop_reason text, step_count int not null default 0, prompt_tokens bigint not null default 0, completion_tokens bigint not null default 0,
  cost numeric(18,8), limits jsonb not null default '{}', input jsonb not null check (octet_length(input::text) <= 8000000), output jsonb,
  lease_owner text, lease_until timestamptz, takeovers int not null default 0, cancel_requested_at timestamptz,
  idempotency_key text check (length(idempotency_key) <= 255), error_code text, error_message text,
  user_id uuid references iam.users (id) on delete set null, api_key_id uuid, correlation_id text,
  started_at timestamptz, completed_at timestamptz, created_at timestamptz, updated_at timestamptz,
  primary key (tenant_id, id),
  foreign key (agent_tenant_id, agent_id) references agents.agents (tenant_id, id),
  foreign key (agent_tenant_id, agent_version_id) references agents.agent_versions (tenant_id, id),
  foreign key (tenant_id, api_key_id) references iam.api_keys (tenant_id, id)) partition by range (id);
comment on table agents.runs is 'One execution of an agent, whoever asked; goes on when the asker is gone, moves to another process when its own dies';
comment on column agents.runs.agent_tenant_id is 'Tenant of the agent: the own or the platform''s';
comment on column agents.runs.agent_id is 'The agent';
comment on column agents.runs.agent_version_id is 'The version that runs';
comment on column agents.runs.conversation_id is 'Conversation it answers in';
comment on column agents.runs.message_id is 'Message it writes';
comment on column agents.runs.parent_run_id is 'Run that called this one';
comment on column agents.runs.root_run_id is 'First run of that chain';
comment on column agents.runs.source is 'Which door asked';
comment on column agents.runs.status is 'queued, running under a lease, waiting for a person, or how it ended';
comment on column agents.runs.stop_reason is 'Why it ended: stop, length, time_limit, step_limit, cancelled, or the error''s code';
comment on column agents.runs.step_count is 'Steps taken';
comment on column agents.runs.prompt_tokens is 'Tokens the models read';
comment on column agents.runs.completion_tokens is 'Tokens the models wrote';
comment on column agents.runs.cost is 'Price of it all';
comment on column agents.runs.limits is 'Limits of this run: wall seconds, steps, tokens';
comment on column agents.runs.input is 'What was asked: messages, collections, model, options';
comment on column agents.runs.output is 'What came of it: text, citations, model; also of a run that was cut short';
comment on column agents.runs.lease_owner is 'Process that executes it';
comment on column agents.runs.lease_until is 'When the lease ends unless renewed; database time';
comment on column agents.runs.takeovers is 'How often another process had to take it over';
comment on column agents.runs.cancel_requested_at is 'When Stop was pressed';
comment on column agents.runs.idempotency_key is 'A second start with this key finds this run';
comment on column agents.runs.error_code is 'Stable name of what failed';
comment on column agents.runs.error_message is 'Sentence about what failed';
comment on column agents.runs.user_id is 'Whose permissions apply';
comment on column agents.runs.api_key_id is 'Key that asked';
comment on column agents.runs.correlation_id is 'The request that asked';
comment on column agents.runs.started_at is 'When the first step began';
comment on column agents.runs.completed_at is 'When it ended';
select ops.make_tenant_table('agents.runs');
create index runs_lease on agents.runs (lease_until) where status in ('queued', 'running');
create index runs_message on agents.runs (tenant_id, message_id) where message_id is not null;
create index runs_idempotency on agents.runs (tenant_id, idempotency_key) where idempotency_key is not null;
create index runs_agent on agents.runs (agent_tenant_id, agent_id);
create index runs_version on agents.runs (agent_tenant_id, agent_version_id);
create index runs_user on agents.runs (user_id);
create index runs_key on agents.runs (tenant_id, api_key_id);
insert into ops.partitioned_tables values ('agents.runs', null);
select ops.let_system_cross('agents.runs', 'select, update');

create table agents.run_steps (
  tenant_id uuid, id uuid not null, run_id uuid not null, step_index int not null check (step_index >= 0),
  kind text not null check (kind in ('model', 'tool', 'retrieval', 'approval')), effect text not null check (effect in ('pure', 'idempotent', 'once')),
  effect_key text, input jsonb, output jsonb,
  status text not null default 'running' check (status in ('pending', 'running', 'completed', 'failed', 'unknown')),
  attempt int not null default 1 check (attempt > 0), error_message text, started_at timestamptz, completed_at timestamptz,
  created_at timestamptz, updated_at timestamptz);
comment on table agents.run_steps is 'Journal of a run: each step with its input and result, so that a run goes on where it stopped';
comment on column agents.run_steps.run_id is 'The run';
comment on column agents.run_steps.step_index is 'Place in the run, from 0';
comment on column agents.run_steps.kind is 'What the step does';
comment on column agents.run_steps.effect is 'pure and idempotent steps may run again; once steps may not';
comment on column agents.run_steps.effect_key is 'Key by which the other side recognises a repetition';
comment on column agents.run_steps.input is 'What the step was given';
comment on column agents.run_steps.output is 'What it gave';
comment on column agents.run_steps.status is 'running, how it ended, or unknown when its process died';
comment on column agents.run_steps.attempt is 'Counts up when the step is begun again';
comment on column agents.run_steps.error_message is 'Sentence about what failed';
comment on column agents.run_steps.started_at is 'When it began';
comment on column agents.run_steps.completed_at is 'When it ended';
select ops.make_tenant_table('agents.run_steps');
create unique index run_steps_attempt on agents.run_steps (tenant_id, run_id, step_index, attempt);

create table agents.run_events (
  tenant_id uuid, id uuid not null, run_id uuid not null, seq bigint not null check (seq > 0), event_type text not null, payload jsonb not null,
  expires_at timestamptz not null, created_at timestamptz, primary key (tenant_id, id)) partition by range (id);
comment on table agents.run_events is 'What readers of a run see, in order: the one log behind streaming, resuming and traces';
comment on column agents.run_events.run_id is 'The run';
comment on column agents.run_events.seq is 'Place in the run, from 1 without gaps';
comment on column agents.run_events.event_type is 'What happened';
comment on column agents.run_events.payload is 'Its facts';
comment on column agents.run_events.expires_at is 'Kept until then; the result of the run is kept longer, with the run';
select ops.make_tenant_table('agents.run_events', append_only => true);
create index run_events_run on agents.run_events (tenant_id, run_id, seq);
insert into ops.partitioned_tables values ('agents.run_events', 2);
select ops.ensure_partitions(3);

-- Takes runs that nobody executes: never begun, given back, or left by a process that died. A run taken from a dead
-- process counts as taken over; one that was given back does not. p_except: runs this process lost and is still letting go of.
create function agents.claim_runs(p_node text, p_batch int, p_lease_seconds int, p_except uuid[])
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

-- Renews the leases this process still holds, and says which of its runs are to stop.
create function agents.extend_run_leases(p_node text, p_ids uuid[], p_lease_seconds int)
returns table (run_id uuid, cancelled boolean) language sql set search_path = pg_catalog, agents as $f$
  update agents.runs set lease_until = now() + make_interval(secs => p_lease_seconds)
  where id = any (p_ids) and lease_owner = p_node and status in ('queued', 'running')
  returning id, cancel_requested_at is not null
$f$;
select ops.cross_tenants('agents.extend_run_leases(text, uuid[], int)');

-- Gives back what a process holds when it shuts down, so that another goes on at once.
create function agents.release_runs(p_node text, p_ids uuid[]) returns int language sql set search_path = pg_catalog, agents as $f$
  with given as (
    update agents.runs set lease_owner = null, lease_until = null
    where id = any (p_ids) and lease_owner = p_node and status in ('queued', 'running') returning 1)
  select count(*)::int + 0 * (select count(*) from (select pg_notify('lyceum', 'runs')) n)::int from given
$f$;
select ops.cross_tenants('agents.release_runs(text, uuid[])');

insert into agents.agents (tenant_id, id, kind, name, slug, description, visibility, is_default) values (
  ops.platform_tenant(), '00000000-0000-7000-8000-000000000301', 'assistant', 'Assistant', 'assistant',
  'Answers from your collections and says where it read it.', 'company', true);
insert into agents.agent_versions (tenant_id, id, agent_id, version_number, version_label, status, max_history_items, max_chunks, retrieval_strategy, starter_messages, published_at)
values (ops.platform_tenant(), '00000000-0000-7000-8000-000000000302', '00000000-0000-7000-8000-000000000301', 1, 'Shipped', 'published', 40, 8, 'hybrid',
  '{"What can you tell me about our documents?","Summarise the most important points.","What changed recently?"}', now());
update agents.agents set current_version_id = '00000000-0000-7000-8000-000000000302' where id = '00000000-0000-7000-8000-000000000301';

-- migrate:down
drop function agents.release_runs(text, uuid[]);
drop function agents.extend_run_leases(text, uuid[], int);
drop function agents.claim_runs(text, int, int, uuid[]);
delete from ops.partitioned_tables where table_name in ('agents.runs', 'agents.run_events');
drop table agents.run_events, agents.run_steps, agents.runs, agents.agent_collections;
alter table agents.agents drop constraint agents_tenant_id_current_version_id_fkey;
drop table agents.agent_versions, agents.agents;
drop schema agents;
