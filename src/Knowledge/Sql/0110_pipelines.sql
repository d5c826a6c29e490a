-- Ways into a collection for programs: each with a key of its own, and with what becomes of all it brings.
-- migrate:up
create table knowledge.ingestion_pipelines (
  tenant_id uuid, id uuid not null, collection_id uuid not null, name text not null check (length(name) between 1 and 200), api_key_id uuid not null, folder_id uuid,
  settings jsonb not null default '{}' check (octet_length(settings::text) <= 262144), paused_at timestamptz, created_at timestamptz, updated_at timestamptz, deleted_at timestamptz,
  foreign key (tenant_id, collection_id) references knowledge.collections (tenant_id, id) on delete cascade,
  foreign key (tenant_id, folder_id) references knowledge.folders (tenant_id, id) on delete set null (folder_id),
  foreign key (tenant_id, api_key_id) references iam.api_keys (tenant_id, id));
comment on table knowledge.ingestion_pipelines is 'Programs that bring documents to a collection, and what becomes of all they bring';
comment on column knowledge.ingestion_pipelines.collection_id is 'The collection; who edits it sees and changes its pipelines';
comment on column knowledge.ingestion_pipelines.name is 'Name people see';
comment on column knowledge.ingestion_pipelines.api_key_id is 'The one key it comes with; another one after each rotation';
comment on column knowledge.ingestion_pipelines.folder_id is 'Folder its documents stand in; null lets the sender say';
comment on column knowledge.ingestion_pipelines.settings is 'access: who may see its documents, metadata: what they carry unless the sender says otherwise; each may be missing';
comment on column knowledge.ingestion_pipelines.paused_at is 'Since when it takes nothing in; null while it does';
select ops.make_tenant_table('knowledge.ingestion_pipelines');
create index ingestion_pipelines_collection on knowledge.ingestion_pipelines (tenant_id, collection_id, id desc);
create index ingestion_pipelines_folder on knowledge.ingestion_pipelines (tenant_id, folder_id);
create unique index ingestion_pipelines_key on knowledge.ingestion_pipelines (tenant_id, api_key_id);

-- The column is there since the beginning and nobody wrote it, so that the rows need not be looked at.
alter table knowledge.documents
  add constraint documents_pipeline_id_fkey foreign key (tenant_id, pipeline_id) references knowledge.ingestion_pipelines (tenant_id, id) not valid;
comment on column knowledge.documents.pipeline_id is 'Pipeline that brought it last; null where a person or another key did';
create index documents_pipeline on knowledge.documents (tenant_id, pipeline_id) where pipeline_id is not null;

-- migrate:down
drop index knowledge.documents_pipeline;
alter table knowledge.documents drop constraint documents_pipeline_id_fkey;
-- Of all organisations, and without an audit row for each document.
alter table knowledge.documents no force row level security, disable trigger user;
update knowledge.documents set pipeline_id = null where pipeline_id is not null;
alter table knowledge.documents force row level security, enable trigger user;
comment on column knowledge.documents.pipeline_id is 'Pipeline that brought it';
drop table knowledge.ingestion_pipelines;
