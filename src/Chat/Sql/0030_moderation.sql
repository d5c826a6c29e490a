-- What the guard of a tenant did not let through.
-- migrate:up
create table chat.moderation_flags (
  tenant_id uuid, id uuid not null, run_id uuid, message_id uuid, user_id uuid references iam.users (id) on delete set null,
  category text check (category in ('S1', 'S2', 'S3', 'S4', 'S5', 'S6', 'S7', 'S8', 'S9', 'S10', 'S11', 'S12', 'S13', 'S14')),
  guard_model_id uuid not null, guard_model_name text not null check (length(guard_model_name) <= 300), raw_verdict text not null check (length(raw_verdict) <= 500),
  action text not null default 'blocked' check (action in ('blocked', 'warned', 'logged')), created_at timestamptz, updated_at timestamptz);
comment on table chat.moderation_flags is 'Questions that the guard model of the tenant found unsafe, a row for each category';
comment on column chat.moderation_flags.run_id is 'Run that asked; null for a model that was asked directly';
comment on column chat.moderation_flags.message_id is 'The question, where it stands in a conversation';
comment on column chat.moderation_flags.user_id is 'Who asked; null once that person was erased';
comment on column chat.moderation_flags.category is 'What was found, as Llama Guard 3 numbers the hazards of MLCommons; null where the guard named nothing';
comment on column chat.moderation_flags.guard_model_id is 'Model that said so';
comment on column chat.moderation_flags.guard_model_name is 'Its name at that time';
comment on column chat.moderation_flags.raw_verdict is 'What it said';
comment on column chat.moderation_flags.action is 'What was done about it';
select ops.make_tenant_table('chat.moderation_flags');
create unique index moderation_flags_run on chat.moderation_flags (tenant_id, run_id, category) nulls not distinct where run_id is not null;
create index moderation_flags_user on chat.moderation_flags (user_id);

-- migrate:down
drop table chat.moderation_flags;
