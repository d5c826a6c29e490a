-- Saved questions with what should be found, what was found with which settings, and a gate before settings change.
-- migrate:up
create table knowledge.question_sets (
  tenant_id uuid, id uuid not null, collection_id uuid not null, name text not null check (length(name) between 1 and 200), description text check (length(description) <= 2000),
  created_by uuid, created_at timestamptz, updated_at timestamptz, deleted_at timestamptz,
  foreign key (tenant_id, collection_id) references knowledge.collections (tenant_id, id) on delete cascade);
comment on table knowledge.question_sets is 'Questions with which one measures how well a collection is searched';
comment on column knowledge.question_sets.collection_id is 'The collection; who sees it sees its sets';
comment on column knowledge.question_sets.name is 'Name people see';
comment on column knowledge.question_sets.description is 'What it measures';
comment on column knowledge.question_sets.created_by is 'Who made it';
select ops.make_tenant_table('knowledge.question_sets');
create index question_sets_collection on knowledge.question_sets (tenant_id, collection_id, id desc);

create table knowledge.questions (
  tenant_id uuid, id uuid not null, question_set_id uuid not null, question text not null check (length(question) between 1 and 2000), answer text check (length(answer) <= 4000),
  expected_documents uuid[] not null default '{}' check (cardinality(expected_documents) <= 50), expected_quotes text[] not null default '{}' check (cardinality(expected_quotes) <= 20),
  created_at timestamptz, updated_at timestamptz,
  check (cardinality(expected_documents) + cardinality(expected_quotes) > 0),
  foreign key (tenant_id, question_set_id) references knowledge.question_sets (tenant_id, id) on delete cascade);
comment on table knowledge.questions is 'A question and what should be found for it';
comment on column knowledge.questions.question_set_id is 'Its set';
comment on column knowledge.questions.question is 'The question';
comment on column knowledge.questions.answer is 'What a good answer says, for groundedness';
comment on column knowledge.questions.expected_documents is 'Documents that should be found';
comment on column knowledge.questions.expected_quotes is 'Words that a found passage should have; they outlive a new cutting of the document';
select ops.make_tenant_table('knowledge.questions');
create index questions_set on knowledge.questions (tenant_id, question_set_id, id desc);

create table knowledge.evaluation_runs (
  tenant_id uuid, id uuid not null, question_set_id uuid not null, kind text not null check (kind in ('retrieval', 'gate')), label text check (length(label) <= 200),
  settings jsonb not null default '{}', sample jsonb not null default '{}', status text not null default 'running' check (status in ('running', 'completed', 'failed')),
  evaluated int not null default 0, skipped int not null default 0, errors int not null default 0, started_at timestamptz not null default now(), completed_at timestamptz,
  metrics jsonb, created_by uuid, created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, question_set_id) references knowledge.question_sets (tenant_id, id) on delete cascade);
comment on table knowledge.evaluation_runs is 'One measurement of a question set with one setting';
comment on column knowledge.evaluation_runs.question_set_id is 'The set';
comment on column knowledge.evaluation_runs.kind is 'retrieval: somebody asked for it; gate: made before a change of settings';
comment on column knowledge.evaluation_runs.label is 'What its maker calls it';
comment on column knowledge.evaluation_runs.settings is 'How it was searched';
comment on column knowledge.evaluation_runs.sample is 'Share of the questions and the seed that chose them';
comment on column knowledge.evaluation_runs.status is 'running, completed or failed';
comment on column knowledge.evaluation_runs.evaluated is 'Questions measured';
comment on column knowledge.evaluation_runs.skipped is 'Questions left out by the sample';
comment on column knowledge.evaluation_runs.errors is 'Questions that could not be searched';
comment on column knowledge.evaluation_runs.started_at is 'When it began';
comment on column knowledge.evaluation_runs.completed_at is 'When it ended';
comment on column knowledge.evaluation_runs.metrics is 'Means over the questions';
comment on column knowledge.evaluation_runs.created_by is 'Who asked for it; with whose permissions it searched';
select ops.make_tenant_table('knowledge.evaluation_runs');
create index evaluation_runs_set on knowledge.evaluation_runs (tenant_id, question_set_id, id desc);

create table knowledge.evaluation_results (
  tenant_id uuid, id uuid not null, run_id uuid not null, question_id uuid not null, recall real, reciprocal_rank real, ndcg real, groundedness real, judged real,
  took_ms real, found jsonb not null default '[]', error text, created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, run_id) references knowledge.evaluation_runs (tenant_id, id) on delete cascade);
comment on table knowledge.evaluation_results is 'What one measurement found for one question';
comment on column knowledge.evaluation_results.run_id is 'The measurement';
comment on column knowledge.evaluation_results.question_id is 'The question; may be gone since';
comment on column knowledge.evaluation_results.recall is 'Share of what should be found that was';
comment on column knowledge.evaluation_results.reciprocal_rank is 'One over the place of the first right passage; 0 for none';
comment on column knowledge.evaluation_results.ndcg is 'Discounted gain of the first ten, 0 to 1';
comment on column knowledge.evaluation_results.groundedness is 'Share of the answer''s words that the passages have; null without an answer';
comment on column knowledge.evaluation_results.judged is 'What a model says of that; null where none was asked';
comment on column knowledge.evaluation_results.took_ms is 'Time of the search';
comment on column knowledge.evaluation_results.found is 'Documents in the order found, and which of them were right';
comment on column knowledge.evaluation_results.error is 'Why it could not be searched';
select ops.make_tenant_table('knowledge.evaluation_results');
create unique index evaluation_results_question on knowledge.evaluation_results (tenant_id, run_id, question_id);

alter table knowledge.collections add column gate_set_id uuid, add column gate_tolerance real not null default 0.02 check (gate_tolerance between 0 and 1),
  add foreign key (tenant_id, gate_set_id) references knowledge.question_sets (tenant_id, id);
create index collections_gate on knowledge.collections (tenant_id, gate_set_id);
comment on column knowledge.collections.gate_set_id is 'Questions that are asked before its search settings change; null for none';
comment on column knowledge.collections.gate_tolerance is 'How much worse nDCG may become before the change is refused';

select iam.ship_permission('knowledge.queries.read_all', 'knowledge', 'See what others of the organisation searched for, as far as one may see what was found', 'tenant_admin');

-- migrate:down
alter table iam.role_permissions no force row level security;
delete from iam.role_permissions where permission_key = 'knowledge.queries.read_all';
alter table iam.role_permissions force row level security;
delete from iam.permissions where key = 'knowledge.queries.read_all';
alter table knowledge.collections drop column gate_tolerance, drop column gate_set_id;
drop table knowledge.evaluation_results, knowledge.evaluation_runs, knowledge.questions, knowledge.question_sets;
