-- Model registry: providers, what they offer, the models that can be used, their defaults.
-- migrate:up
create schema models;
comment on schema models is 'Model registry';
grant usage on schema models to lyceum_app, lyceum_readonly, lyceum_system, lyceum_backup;

create table models.providers (
  tenant_id uuid, id uuid not null,
  kind text not null check (kind in ('builtin', 'openai', 'anthropic', 'mistral', 'azure_openai', 'google', 'ollama', 'tgi', 'vllm', 'groq', 'openrouter',
    'huggingface', 'openai_compatible', 'custom')),
  name text not null check (length(name) between 1 and 200), base_url text check (length(base_url) <= 2000), api_key_optional boolean not null default false,
  api_version text check (length(api_version) <= 100), svg_logo text check (octet_length(svg_logo) <= 50000), is_enabled boolean not null default true,
  created_at timestamptz, updated_at timestamptz, deleted_at timestamptz,
  check (kind <> 'builtin' or tenant_id = '00000000-0000-7000-8000-000000000001'));
comment on table models.providers is 'Who serves models; the catalogue belongs to the platform tenant, a tenant may add its own';
comment on column models.providers.kind is 'Which wire it speaks; builtin is this process itself';
comment on column models.providers.name is 'Name people see';
comment on column models.providers.base_url is 'Address of its API; null where each model brings its own';
comment on column models.providers.api_key_optional is 'Whether it answers without a key';
comment on column models.providers.api_version is 'Version of its API, where it wants one named';
comment on column models.providers.svg_logo is 'Its mark, sanitised';
comment on column models.providers.is_enabled is 'Whether new models can be added for it';
select ops.make_tenant_table('models.providers', shared => true, audited => 'provider');
create unique index providers_name on models.providers (tenant_id, lower(name)) where deleted_at is null;

create table models.provider_default_models (
  tenant_id uuid, id uuid not null, provider_id uuid not null,
  purpose text not null check (purpose in ('chat', 'embedding', 'image', 'tts', 'stt', 'guard', 'rerank')),
  name text not null check (length(name) between 1 and 200), display_name text not null check (length(display_name) between 1 and 200),
  description text check (length(description) <= 2000), context_size int check (context_size > 0), dimension int check (dimension > 0),
  created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, provider_id) references models.providers (tenant_id, id) on delete cascade);
comment on table models.provider_default_models is 'Well-known models of a provider, to choose from';
comment on column models.provider_default_models.provider_id is 'The provider';
comment on column models.provider_default_models.purpose is 'What it is good for';
comment on column models.provider_default_models.name is 'The provider''s name of it';
comment on column models.provider_default_models.display_name is 'Name people see';
comment on column models.provider_default_models.description is 'What it is';
comment on column models.provider_default_models.context_size is 'Tokens it reads at once';
comment on column models.provider_default_models.dimension is 'Length of its vectors';
select ops.make_tenant_table('models.provider_default_models', shared => true);
create unique index provider_default_models_name on models.provider_default_models (tenant_id, provider_id, purpose, name);

create table models.models (
  tenant_id uuid, id uuid not null, team_id uuid,
  provider_tenant_id uuid not null check (provider_tenant_id in (tenant_id, '00000000-0000-7000-8000-000000000001')), provider_id uuid not null,
  model_type text not null check (model_type in ('llm', 'embeddings', 'image', 'tts', 'stt', 'guard', 'rerank', 'vision')),
  name text not null check (length(name) between 1 and 200), display_name text not null check (length(display_name) between 1 and 200),
  description text check (length(description) <= 2000), base_url text check (length(base_url) <= 2000), api_version text check (length(api_version) <= 100),
  secret_id uuid, context_size int check (context_size > 0), max_completion_tokens int check (max_completion_tokens > 0),
  default_temperature numeric(3,2) check (default_temperature between 0 and 2), dimension int check (dimension > 0),
  distance text not null default 'cosine' check (distance in ('cosine', 'l2', 'ip')), query_prefix text check (length(query_prefix) <= 500),
  passage_prefix text check (length(passage_prefix) <= 500), tokenizer text check (length(tokenizer) <= 100),
  visibility text not null default 'company' check (visibility in ('private', 'team', 'company')), is_active boolean not null default true,
  last_tested_at timestamptz, last_test_ok boolean, last_test_error text check (length(last_test_error) <= 2000), created_by uuid references iam.users (id) on delete set null,
  created_at timestamptz, updated_at timestamptz, deleted_at timestamptz,
  check (visibility <> 'team' or team_id is not null),
  foreign key (tenant_id, team_id) references iam.teams (tenant_id, id),
  foreign key (provider_tenant_id, provider_id) references models.providers (tenant_id, id),
  foreign key (tenant_id, secret_id) references ops.secrets (tenant_id, id));
comment on table models.models is 'One row for each model that can be used; built-in ones belong to the platform tenant';
comment on column models.models.team_id is 'Team it belongs to; null for the whole tenant';
comment on column models.models.provider_tenant_id is 'Tenant of the provider: the own or the platform''s';
comment on column models.models.provider_id is 'Who serves it';
comment on column models.models.model_type is 'What it does';
comment on column models.models.name is 'The provider''s name of it';
comment on column models.models.display_name is 'Name people see';
comment on column models.models.description is 'What it is for';
comment on column models.models.base_url is 'Address of its API; null for the provider''s';
comment on column models.models.api_version is 'Version of the API; null for the provider''s';
comment on column models.models.secret_id is 'Its API key in ops.secrets; null for none';
comment on column models.models.context_size is 'Tokens it reads at once';
comment on column models.models.max_completion_tokens is 'Most tokens of one answer; null for the provider''s limit';
comment on column models.models.default_temperature is 'Temperature when none is asked for; null for the provider''s, 0 is zero';
comment on column models.models.dimension is 'Length of its vectors; learned at the first call when null';
comment on column models.models.distance is 'How its vectors are compared';
comment on column models.models.query_prefix is 'Put before a text that is a question';
comment on column models.models.passage_prefix is 'Put before a text that is stored';
comment on column models.models.tokenizer is 'Name of its tokenizer';
comment on column models.models.visibility is 'Who may use it: private (its maker), team, or company';
comment on column models.models.is_active is 'Whether it can be called';
comment on column models.models.last_tested_at is 'When its connection was last tested';
comment on column models.models.last_test_ok is 'Whether that test succeeded';
comment on column models.models.last_test_error is 'What the test found wrong, without any key';
comment on column models.models.created_by is 'Account that added it';
select ops.make_tenant_table('models.models', shared => true, audited => 'model', ignored => '{last_tested_at,last_test_ok,last_test_error}');
create index models_name on models.models (tenant_id, name) where deleted_at is null;
create index models_team on models.models (tenant_id, team_id);
create index models_provider on models.models (provider_tenant_id, provider_id);
create index models_secret on models.models (tenant_id, secret_id);
create index models_creator on models.models (created_by);

create table models.model_capabilities (
  tenant_id uuid, id uuid not null, model_id uuid not null,
  capability text not null check (capability in ('function_calling', 'vision', 'tool_use', 'guarded', 'json_mode', 'streaming', 'reasoning', 'audio', 'video')),
  value text check (length(value) <= 200), created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, model_id) references models.models (tenant_id, id) on delete cascade);
comment on table models.model_capabilities is 'What a model can do';
comment on column models.model_capabilities.model_id is 'The model';
comment on column models.model_capabilities.capability is 'What it can do';
comment on column models.model_capabilities.value is 'More about it, such as the name of the guard model';
select ops.make_tenant_table('models.model_capabilities', shared => true, audited => 'model_capability');
create unique index model_capabilities_pair on models.model_capabilities (tenant_id, model_id, capability);

create table models.model_defaults (
  tenant_id uuid, id uuid not null,
  purpose text not null check (purpose in ('chat', 'embedding', 'guard', 'vision', 'stt', 'tts', 'rerank', 'image')), team_id uuid,
  model_tenant_id uuid not null check (model_tenant_id in (tenant_id, '00000000-0000-7000-8000-000000000001')), model_id uuid not null,
  created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, team_id) references iam.teams (tenant_id, id) on delete cascade,
  foreign key (model_tenant_id, model_id) references models.models (tenant_id, id));
comment on table models.model_defaults is 'The model of each purpose, exactly one; without a row it is the built-in one';
comment on column models.model_defaults.purpose is 'What it is the default for';
comment on column models.model_defaults.team_id is 'Team it is the default of; null for the tenant';
comment on column models.model_defaults.model_tenant_id is 'Tenant of the model: the own or the platform''s';
comment on column models.model_defaults.model_id is 'The model';
select ops.make_tenant_table('models.model_defaults', audited => 'model_default');
create unique index model_defaults_purpose on models.model_defaults (tenant_id, team_id, purpose) nulls not distinct;
create index model_defaults_team on models.model_defaults (tenant_id, team_id);
create index model_defaults_model on models.model_defaults (model_tenant_id, model_id);

alter table metering.usage_events add constraint usage_events_model_fkey foreign key (model_tenant_id, model_id) references models.models (tenant_id, id);

-- The catalogue. Fixed ids: a later version of this list updates rows instead of doubling them.
insert into models.providers (tenant_id, id, kind, name, base_url, api_key_optional) select ops.platform_tenant(), ('00000000-0000-7000-8000-0000000002' || p.number)::uuid, p.kind, p.name, p.base_url, p.optional
from (values
  ('01', 'builtin', 'Built in', null, true),
  ('10', 'openai', 'OpenAI', 'https://api.openai.com/v1', false),
  ('11', 'anthropic', 'Anthropic', 'https://api.anthropic.com', false),
  ('12', 'mistral', 'Mistral', 'https://api.mistral.ai/v1', false),
  ('13', 'azure_openai', 'Azure OpenAI', null, false),
  ('14', 'google', 'Google Gemini', 'https://generativelanguage.googleapis.com/v1beta/openai', false),
  ('15', 'ollama', 'Ollama', 'http://localhost:11434/v1', true),
  ('16', 'tgi', 'Text Generation Inference', 'http://localhost:8080/v1', true),
  ('17', 'vllm', 'vLLM', 'http://localhost:8000/v1', true),
  ('18', 'groq', 'Groq', 'https://api.groq.com/openai/v1', false),
  ('19', 'openrouter', 'OpenRouter', 'https://openrouter.ai/api/v1', false),
  ('1a', 'huggingface', 'Hugging Face', 'https://router.huggingface.co/v1', true),
  ('1b', 'openai_compatible', 'OpenAI compatible', null, true),
  ('1c', 'custom', 'Custom', null, true)) p (number, kind, name, base_url, optional);

insert into models.provider_default_models (tenant_id, id, provider_id, purpose, name, display_name, description, context_size, dimension)
select ops.platform_tenant(), ops.uuid7(), p.id, m.purpose, m.name, m.display_name, m.description, m.context_size, m.dimension
from (values
  ('openai', 'chat', 'gpt-5', 'GPT-5', 'Strongest of its family', 400000, null::int),
  ('openai', 'chat', 'gpt-5-mini', 'GPT-5 mini', 'Fast and cheap', 400000, null),
  ('openai', 'chat', 'gpt-4.1', 'GPT-4.1', 'Long context, no reasoning', 1047576, null),
  ('openai', 'embedding', 'text-embedding-3-small', 'Text Embedding 3 small', 'Cheap and good', 8191, 1536),
  ('openai', 'embedding', 'text-embedding-3-large', 'Text Embedding 3 large', 'Better, twice the space', 8191, 3072),
  ('openai', 'stt', 'whisper-1', 'Whisper', 'Speech to text', null, null),
  ('openai', 'tts', 'gpt-4o-mini-tts', 'GPT-4o mini TTS', 'Text to speech', 2000, null),
  ('openai', 'image', 'gpt-image-1', 'GPT Image 1', 'Makes pictures', null, null),
  ('openai', 'guard', 'omni-moderation-latest', 'Omni Moderation', 'Finds harmful texts and pictures', null, null),
  ('anthropic', 'chat', 'claude-opus-4-1', 'Claude Opus 4.1', 'Strongest of its family', 200000, null),
  ('anthropic', 'chat', 'claude-sonnet-4-5', 'Claude Sonnet 4.5', 'Strong and fast', 200000, null),
  ('anthropic', 'chat', 'claude-haiku-4-5', 'Claude Haiku 4.5', 'Fast and cheap', 200000, null),
  ('mistral', 'chat', 'mistral-large-latest', 'Mistral Large', 'Strongest of its family', 131072, null),
  ('mistral', 'chat', 'mistral-small-latest', 'Mistral Small', 'Fast and cheap', 131072, null),
  ('mistral', 'embedding', 'mistral-embed', 'Mistral Embed', 'For text in many languages', 8192, 1024),
  ('google', 'chat', 'gemini-2.5-pro', 'Gemini 2.5 Pro', 'Strongest of its family', 1048576, null),
  ('google', 'chat', 'gemini-2.5-flash', 'Gemini 2.5 Flash', 'Fast and cheap', 1048576, null),
  ('google', 'embedding', 'gemini-embedding-001', 'Gemini Embedding', 'For text in many languages', 2048, 3072),
  ('ollama', 'chat', 'llama3.2', 'Llama 3.2', 'Small, runs on a laptop', 131072, null),
  ('ollama', 'chat', 'qwen3', 'Qwen 3', 'With tools and reasoning', 40960, null),
  ('ollama', 'embedding', 'nomic-embed-text', 'Nomic Embed Text', 'Small and good', 2048, 768),
  ('ollama', 'embedding', 'bge-m3', 'BGE-M3', 'For text in many languages', 8192, 1024),
  ('groq', 'chat', 'llama-3.3-70b-versatile', 'Llama 3.3 70B', 'Very fast', 131072, null),
  ('groq', 'chat', 'openai/gpt-oss-120b', 'GPT-OSS 120B', 'Very fast, with reasoning', 131072, null),
  ('groq', 'stt', 'whisper-large-v3-turbo', 'Whisper Large v3 Turbo', 'Speech to text', null, null),
  ('openrouter', 'chat', 'openrouter/auto', 'Auto', 'OpenRouter chooses the model', null, null),
  ('huggingface', 'chat', 'openai/gpt-oss-120b', 'GPT-OSS 120B', 'Open weights, with reasoning', 131072, null),
  ('huggingface', 'embedding', 'BAAI/bge-m3', 'BGE-M3', 'For text in many languages', 8192, 1024)) m (kind, purpose, name, display_name, description, context_size, dimension)
join models.providers p on p.tenant_id = ops.platform_tenant() and p.kind = m.kind;

insert into models.models (tenant_id, id, provider_tenant_id, provider_id, model_type, name, display_name, description, context_size, dimension) values
  (ops.platform_tenant(), '00000000-0000-7000-8000-000000000202', ops.platform_tenant(), '00000000-0000-7000-8000-000000000201', 'llm', 'lyceum-extractive',
    'Quotes from sources', 'Built in, needs no key. Answers with the best sentences of the sources; add a language model for answers in its own words.', 32000, null),
  (ops.platform_tenant(), '00000000-0000-7000-8000-000000000203', ops.platform_tenant(), '00000000-0000-7000-8000-000000000201', 'embeddings', 'lyceum-local-768',
    'Local embedder', 'Built in, needs no key. Finds texts that share words with the question.', 32000, 768);
insert into models.model_capabilities (tenant_id, id, model_id, capability)
  values (ops.platform_tenant(), ops.uuid7(), '00000000-0000-7000-8000-000000000202', 'streaming');

-- migrate:down
alter table metering.usage_events drop constraint usage_events_model_fkey;
drop table models.model_defaults;
drop table models.model_capabilities;
drop table models.models;
drop table models.provider_default_models;
drop table models.providers;
drop schema models;
