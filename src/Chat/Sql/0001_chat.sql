-- Conversations, their messages, what the messages cite, and what people think of them.
-- migrate:up
create schema chat;
comment on schema chat is 'Conversations';
grant usage on schema chat to lyceum_app, lyceum_readonly, lyceum_system, lyceum_backup;

create table chat.conversations (
  tenant_id uuid, id uuid not null, team_id uuid, project_id uuid,
  agent_tenant_id uuid check (agent_tenant_id in (tenant_id, '00000000-0000-7000-8000-000000000001')), agent_id uuid, agent_version_id uuid,
  user_id uuid references iam.users (id) on delete set null, api_key_id uuid, external_user_ref text check (length(external_user_ref) <= 500),
  channel text not null default 'web' check (channel in ('web', 'api', 'slack', 'cli', 'teams', 'mcp', 'webhook', 'workflow', 'automation')),
  mode text not null default 'chat' check (mode in ('chat', 'search', 'one_shot')), title text check (length(title) <= 300), summary text,
  status text not null default 'active' check (status in ('active', 'completed', 'failed', 'cancelled')),
  context jsonb not null default '{}' check (octet_length(context::text) <= 100000), metadata jsonb not null default '{}' check (octet_length(metadata::text) <= 20000),
  message_count int not null default 0, last_message_preview text, last_message_at timestamptz not null default now(), active_leaf_id uuid,
  visibility text not null default 'private' check (visibility in ('private', 'team', 'company')), started_at timestamptz, completed_at timestamptz,
  created_at timestamptz, updated_at timestamptz, deleted_at timestamptz,
  check ((agent_id is null) = (agent_tenant_id is null)),
  foreign key (tenant_id, team_id) references iam.teams (tenant_id, id),
  foreign key (agent_tenant_id, agent_id) references agents.agents (tenant_id, id),
  foreign key (agent_tenant_id, agent_version_id) references agents.agent_versions (tenant_id, id),
  foreign key (tenant_id, api_key_id) references iam.api_keys (tenant_id, id));
comment on table chat.conversations is 'A thread of questions and answers; seen by the person whose it is';
comment on column chat.conversations.team_id is 'Team it counts for';
comment on column chat.conversations.project_id is 'Project it belongs to';
comment on column chat.conversations.agent_tenant_id is 'Tenant of the agent: the own or the platform''s';
comment on column chat.conversations.agent_id is 'Agent that answers; null for the tenant''s default';
comment on column chat.conversations.agent_version_id is 'Version it is held to; null for the published one';
comment on column chat.conversations.user_id is 'Whose it is';
comment on column chat.conversations.api_key_id is 'Key that began it';
comment on column chat.conversations.external_user_ref is 'Who it is with, in another system';
comment on column chat.conversations.channel is 'Where it is held';
comment on column chat.conversations.mode is 'chat, search, or a single question';
comment on column chat.conversations.title is 'Title; made from the first question when none was given';
comment on column chat.conversations.summary is 'What was said so far, in short';
comment on column chat.conversations.status is 'How it stands';
comment on column chat.conversations.context is 'What answers are made with: collectionIds, modelId';
comment on column chat.conversations.metadata is 'Facts about it that nothing enforces';
comment on column chat.conversations.message_count is 'Messages so far, and so the number of the newest; counted under the row''s lock';
comment on column chat.conversations.last_message_preview is 'Beginning of the newest message';
comment on column chat.conversations.last_message_at is 'When the newest message was written; the order of lists';
comment on column chat.conversations.active_leaf_id is 'Message the next question follows';
comment on column chat.conversations.visibility is 'Who sees it beside its owner';
comment on column chat.conversations.started_at is 'When the first message was written';
comment on column chat.conversations.completed_at is 'When it ended';
select ops.make_tenant_table('chat.conversations');
create index conversations_mine on chat.conversations (tenant_id, user_id, last_message_at desc, id desc) where deleted_at is null;
create index conversations_account on chat.conversations (user_id);
create index conversations_team on chat.conversations (tenant_id, team_id);
create index conversations_agent on chat.conversations (agent_tenant_id, agent_id);
create index conversations_version on chat.conversations (agent_tenant_id, agent_version_id);
create index conversations_key on chat.conversations (tenant_id, api_key_id);

create table chat.messages (
  tenant_id uuid, id uuid not null, conversation_id uuid not null, parent_message_id uuid, sequence_number int not null check (sequence_number > 0),
  role text not null check (role in ('user', 'assistant', 'tool', 'system', 'developer')),
  status text not null default 'success' check (status in ('pending', 'in_progress', 'success', 'cancelled', 'error')),
  content text not null default '', content_parts jsonb, run_id uuid, agent_tenant_id uuid, agent_version_id uuid, model_id uuid, model_name text,
  prompt_tokens int, completion_tokens int, total_tokens int, tool_calls jsonb, tool_results jsonb, tool_call_id text, rephrased_query text,
  latency_ms int, error_code text, error_message text, automation_run_id uuid, workflow_execution_id uuid, metadata jsonb,
  created_by_user_id uuid, created_at timestamptz, updated_at timestamptz, primary key (tenant_id, id)) partition by range (id);
comment on table chat.messages is 'Messages of conversations; an answer is begun empty and written when its run ends';
comment on column chat.messages.conversation_id is 'The conversation';
comment on column chat.messages.parent_message_id is 'Message it follows; answers with one parent are alternatives';
comment on column chat.messages.sequence_number is 'Place in the conversation, from 1 without gaps';
comment on column chat.messages.role is 'Who speaks';
comment on column chat.messages.status is 'in_progress while its run goes on, then how it ended';
comment on column chat.messages.content is 'Text';
comment on column chat.messages.content_parts is 'Parts that are not text';
comment on column chat.messages.run_id is 'Run that writes this answer';
comment on column chat.messages.agent_tenant_id is 'Tenant of the agent that answered';
comment on column chat.messages.agent_version_id is 'Version of the agent that answered';
comment on column chat.messages.model_id is 'Model that answered';
comment on column chat.messages.model_name is 'Its name at that time';
comment on column chat.messages.prompt_tokens is 'Tokens the model read';
comment on column chat.messages.completion_tokens is 'Tokens the model wrote';
comment on column chat.messages.total_tokens is 'Both together';
comment on column chat.messages.tool_calls is 'Tools the model called';
comment on column chat.messages.tool_results is 'What they returned';
comment on column chat.messages.tool_call_id is 'Call a tool message answers';
comment on column chat.messages.rephrased_query is 'What was searched for, where it differs from the question';
comment on column chat.messages.latency_ms is 'From the question to the end of the answer';
comment on column chat.messages.error_code is 'Stable name of what failed';
comment on column chat.messages.error_message is 'Sentence about what failed';
comment on column chat.messages.automation_run_id is 'Automation run that wrote it';
comment on column chat.messages.workflow_execution_id is 'Workflow execution that wrote it';
comment on column chat.messages.metadata is 'Facts about it that nothing enforces';
comment on column chat.messages.created_by_user_id is 'Who wrote it, or asked for it';
select ops.make_tenant_table('chat.messages');
create index messages_conversation on chat.messages (tenant_id, conversation_id, sequence_number);
insert into ops.partitioned_tables values ('chat.messages', null);
select ops.ensure_partitions(3);

create table chat.message_sources (
  tenant_id uuid, id uuid not null, message_id uuid not null, rank int not null check (rank > 0), chunk_id uuid not null, document_id uuid not null,
  collection_id uuid not null, score real check (score between 0 and 1), quoted_text text, snapshot_title text not null, is_cited boolean not null,
  page int, start_offset int not null, end_offset int not null, created_at timestamptz, updated_at timestamptz);
comment on table chat.message_sources is 'Passages an answer was given, cited or not; of a document that is gone nothing is shown';
comment on column chat.message_sources.message_id is 'The answer';
comment on column chat.message_sources.rank is 'Number of the source in the answer, the marker it is cited with';
comment on column chat.message_sources.chunk_id is 'The passage';
comment on column chat.message_sources.document_id is 'Its document';
comment on column chat.message_sources.collection_id is 'Its collection';
comment on column chat.message_sources.score is 'How well it fitted the question, 0 to 1';
comment on column chat.message_sources.quoted_text is 'The sentence that fits best';
comment on column chat.message_sources.snapshot_title is 'The document''s name at that time';
comment on column chat.message_sources.is_cited is 'Whether the answer cites it';
comment on column chat.message_sources.page is 'Page it stands on';
comment on column chat.message_sources.start_offset is 'Where the sentence begins in the page''s text';
comment on column chat.message_sources.end_offset is 'Where it ends';
select ops.make_tenant_table('chat.message_sources');
create unique index message_sources_pair on chat.message_sources (tenant_id, message_id, chunk_id);

create table chat.message_feedback (
  tenant_id uuid, id uuid not null, message_id uuid not null, user_id uuid not null references iam.users (id) on delete cascade,
  is_positive boolean not null, rating smallint check (rating between 1 and 5), comment text check (length(comment) <= 4000), reasons text[] not null default '{}',
  created_at timestamptz, updated_at timestamptz);
comment on table chat.message_feedback is 'What people think of answers';
comment on column chat.message_feedback.message_id is 'The answer';
comment on column chat.message_feedback.user_id is 'Who says so';
comment on column chat.message_feedback.is_positive is 'Thumb up or down';
comment on column chat.message_feedback.rating is '1 to 5';
comment on column chat.message_feedback.comment is 'In words';
comment on column chat.message_feedback.reasons is 'Reasons chosen from a list';
select ops.make_tenant_table('chat.message_feedback');
create unique index message_feedback_pair on chat.message_feedback (tenant_id, message_id, user_id);
create index message_feedback_user on chat.message_feedback (user_id);

-- migrate:down
delete from ops.partitioned_tables where table_name = 'chat.messages';
drop table chat.message_feedback, chat.message_sources, chat.messages, chat.conversations;
drop schema chat;
