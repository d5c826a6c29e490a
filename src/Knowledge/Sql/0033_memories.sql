-- What is remembered of a person from one conversation to the next; theirs alone.
-- migrate:up
create table knowledge.memories (
  tenant_id uuid, id uuid not null, user_id uuid not null references iam.users (id) on delete cascade, agent_id uuid,
  memory_type text not null check (memory_type in ('episodic', 'semantic', 'procedural')), content text not null check (length(content) between 1 and 2000),
  importance_score real not null default 0.5 check (importance_score between 0 and 1), access_count int not null default 0, last_accessed_at timestamptz, source_conversation_id uuid,
  embedding_model_tenant_id uuid not null check (embedding_model_tenant_id in (tenant_id, '00000000-0000-7000-8000-000000000001')), embedding_model_id uuid not null,
  embedding halfvec not null, expires_at timestamptz, created_at timestamptz, updated_at timestamptz,
  foreign key (embedding_model_tenant_id, embedding_model_id) references models.models (tenant_id, id));
comment on table knowledge.memories is 'What is remembered of a person; only they read it, and what they delete is gone';
comment on column knowledge.memories.user_id is 'The person';
comment on column knowledge.memories.agent_id is 'Agent that may recall it; null for every agent that remembers';
comment on column knowledge.memories.memory_type is 'episodic: what happened; semantic: a fact; procedural: how they want things done';
comment on column knowledge.memories.content is 'What is remembered, in a sentence or two';
comment on column knowledge.memories.importance_score is 'Weight when it is recalled, 0 to 1';
comment on column knowledge.memories.access_count is 'Runs it was recalled in';
comment on column knowledge.memories.last_accessed_at is 'The last of them';
comment on column knowledge.memories.source_conversation_id is 'Conversation it comes from';
comment on column knowledge.memories.embedding_model_tenant_id is 'Tenant of the model: the own or the platform''s';
comment on column knowledge.memories.embedding_model_id is 'Model of its vector';
comment on column knowledge.memories.embedding is 'Its vector';
comment on column knowledge.memories.expires_at is 'From then on it is forgotten; null for never';
select ops.make_tenant_table('knowledge.memories');
create index memories_user on knowledge.memories (tenant_id, user_id, id desc);
create index memories_person on knowledge.memories (user_id);
create index memories_model on knowledge.memories (embedding_model_tenant_id, embedding_model_id);

-- migrate:down
drop table knowledge.memories;
