-- Collections, documents and their revisions, chunks, vectors and the statistics of lexical search.
-- migrate:up
create schema knowledge;
comment on schema knowledge is 'Collections, documents, chunks, retrieval';
grant usage on schema knowledge to lyceum_app, lyceum_readonly, lyceum_system, lyceum_backup;

create table knowledge.collections (
  tenant_id uuid, id uuid not null, team_id uuid, public_id uuid not null default gen_random_uuid(),
  kind text not null default 'custom' check (kind in ('custom', 'repository', 'domain', 'project', 'connector')),
  name text not null check (length(name) between 1 and 200), slug citext not null check (slug ~ '^[a-z0-9](-?[a-z0-9]){0,99}$'), description text,
  status text not null default 'active' check (status in ('active', 'archived', 'needs_reindex', 'reindexing')),
  visibility text not null default 'team' check (visibility in ('private', 'team', 'company')),
  vector_store text not null default 'pgvector' check (vector_store in ('pgvector', 'qdrant')),
  embedding_model_tenant_id uuid not null check (embedding_model_tenant_id in (tenant_id, '00000000-0000-7000-8000-000000000001')), embedding_model_id uuid not null,
  chunking_strategy text not null default 'recursive' check (chunking_strategy in ('by_title', 'fixed', 'sentence', 'semantic', 'recursive', 'custom')),
  chunk_size int not null default 256 check (chunk_size between 16 and 8192), chunk_overlap int not null default 32 check (chunk_overlap >= 0 and chunk_overlap < chunk_size),
  chunk_unit text not null default 'tokens' check (chunk_unit in ('tokens', 'chars')),
  combine_under_n_chars int check (combine_under_n_chars >= 0), new_after_n_chars int check (new_after_n_chars > 0), multipage_sections boolean not null default false,
  metadata_schema_id uuid, fixed_metadata boolean not null default false,
  default_top_k int not null default 10 check (default_top_k between 1 and 100), default_threshold real check (default_threshold between 0 and 1),
  document_count int not null default 0, chunk_count int not null default 0, token_count bigint not null default 0,
  settings jsonb not null default '{}', metadata jsonb not null default '{}', created_by uuid,
  created_at timestamptz, updated_at timestamptz, deleted_at timestamptz,
  foreign key (tenant_id, team_id) references iam.teams (tenant_id, id),
  foreign key (embedding_model_tenant_id, embedding_model_id) references models.models (tenant_id, id));
comment on table knowledge.collections is 'A named set of documents that is searched as one';
comment on column knowledge.collections.team_id is 'Team it belongs to';
comment on column knowledge.collections.public_id is 'Id for addresses that must survive a move';
comment on column knowledge.collections.kind is 'What fills it';
comment on column knowledge.collections.name is 'Name people see';
comment on column knowledge.collections.slug is 'Short name; kb:<slug> in the OpenAI-shaped API';
comment on column knowledge.collections.description is 'What it holds';
comment on column knowledge.collections.status is 'Whether it is in use, and whether its settings changed since it was indexed';
comment on column knowledge.collections.visibility is 'private: its maker; team: its team; company: everybody of the tenant';
comment on column knowledge.collections.vector_store is 'Where its vectors lie';
comment on column knowledge.collections.embedding_model_tenant_id is 'Tenant of the embedding model: the own or the platform''s';
comment on column knowledge.collections.embedding_model_id is 'Model its chunks are embedded with';
comment on column knowledge.collections.chunking_strategy is 'How texts are cut';
comment on column knowledge.collections.chunk_size is 'Size of a chunk at most, in chunk_unit';
comment on column knowledge.collections.chunk_overlap is 'How much of the chunk before is repeated, in chunk_unit';
comment on column knowledge.collections.chunk_unit is 'Unit of the two sizes';
comment on column knowledge.collections.combine_under_n_chars is 'Sections shorter than this are joined with the next';
comment on column knowledge.collections.new_after_n_chars is 'A chunk longer than this ends at the next good place';
comment on column knowledge.collections.multipage_sections is 'Whether a chunk may reach over pages';
comment on column knowledge.collections.metadata_schema_id is 'Schema of documents'' metadata';
comment on column knowledge.collections.fixed_metadata is 'Whether metadata keys beyond the schema are refused';
comment on column knowledge.collections.default_top_k is 'Hits returned when a search does not say';
comment on column knowledge.collections.default_threshold is 'Vector similarity below which a hit is left out when a search does not say';
comment on column knowledge.collections.document_count is 'Live documents that are indexed';
comment on column knowledge.collections.chunk_count is 'Their chunks';
comment on column knowledge.collections.token_count is 'Their tokens';
comment on column knowledge.collections.settings is 'More settings';
comment on column knowledge.collections.metadata is 'Facts about it that nothing enforces';
comment on column knowledge.collections.created_by is 'Who made it';
select ops.make_tenant_table('knowledge.collections', audited => 'collection', ignored => '{document_count,chunk_count,token_count,status}');
create unique index collections_slug on knowledge.collections (tenant_id, slug) where deleted_at is null;
create unique index collections_public on knowledge.collections (tenant_id, public_id);
create index collections_team on knowledge.collections (tenant_id, team_id);
create index collections_model on knowledge.collections (embedding_model_tenant_id, embedding_model_id);

create table knowledge.documents (
  tenant_id uuid, id uuid not null, team_id uuid, collection_id uuid not null, repository_id uuid, folder_id uuid, parent_id uuid, connector_id uuid,
  sync_run_id uuid, pipeline_id uuid, domain_url_id uuid, external_id text check (length(external_id) between 1 and 500), source_url text, title text not null check (length(title) between 1 and 1000),
  file_name text, content_type text, size_bytes bigint not null default 0, content_hash bytea, source_version text, object_id uuid, extracted_text_object_id uuid,
  status text not null default 'pending' check (status in ('uploading', 'pending', 'processing', 'indexed', 'failed', 'deleted')),
  intake_step text check (intake_step in ('read', 'split', 'embed', 'publish')), intake_progress int not null default 0 check (intake_progress between 0 and 100),
  error_code text, error_message text, attempts int not null default 0, chunk_count int not null default 0, total_tokens int not null default 0,
  page_count int, language text, metadata jsonb not null default '{}' check (octet_length(metadata::text) <= 65536), uploaded_by uuid, uploaded_at timestamptz not null default now(), processed_at timestamptz,
  live_revision_id uuid, created_at timestamptz, updated_at timestamptz, deleted_at timestamptz,
  foreign key (tenant_id, team_id) references iam.teams (tenant_id, id),
  foreign key (tenant_id, collection_id) references knowledge.collections (tenant_id, id),
  foreign key (tenant_id, object_id) references storage.objects (tenant_id, id),
  foreign key (tenant_id, extracted_text_object_id) references storage.objects (tenant_id, id));
comment on table knowledge.documents is 'A document; what is searchable of it is its live revision';
comment on column knowledge.documents.team_id is 'Team of its collection';
comment on column knowledge.documents.collection_id is 'Collection it belongs to';
comment on column knowledge.documents.repository_id is 'File tree it lies in';
comment on column knowledge.documents.folder_id is 'Folder it lies in';
comment on column knowledge.documents.parent_id is 'Document it belongs to, such as the mail of an attachment';
comment on column knowledge.documents.connector_id is 'Data source it came from';
comment on column knowledge.documents.sync_run_id is 'Sync that brought it';
comment on column knowledge.documents.pipeline_id is 'Pipeline that brought it';
comment on column knowledge.documents.domain_url_id is 'Page it was crawled from';
comment on column knowledge.documents.external_id is 'The sender''s id: the same id again is a new revision, not a new document';
comment on column knowledge.documents.source_url is 'Where the original is';
comment on column knowledge.documents.title is 'Name people see';
comment on column knowledge.documents.file_name is 'Name of the file it came as';
comment on column knowledge.documents.content_type is 'Type its content shows';
comment on column knowledge.documents.size_bytes is 'Size of the original';
comment on column knowledge.documents.content_hash is 'SHA-256 of the original: the same file again in this collection is recognised';
comment on column knowledge.documents.source_version is 'Version tag of the source';
comment on column knowledge.documents.object_id is 'The original of the newest revision';
comment on column knowledge.documents.extracted_text_object_id is 'Its extracted text';
comment on column knowledge.documents.status is 'uploading, pending, processing, indexed, failed or deleted; a failed one can be retried';
comment on column knowledge.documents.intake_step is 'Step of intake it is in or failed in';
comment on column knowledge.documents.intake_progress is 'Percent of the step that is done';
comment on column knowledge.documents.error_code is 'Stable name of what went wrong';
comment on column knowledge.documents.error_message is 'What went wrong, in a sentence for people';
comment on column knowledge.documents.attempts is 'Intakes begun';
comment on column knowledge.documents.chunk_count is 'Chunks of the live revision';
comment on column knowledge.documents.total_tokens is 'Tokens of the live revision';
comment on column knowledge.documents.page_count is 'Pages of the live revision; null where the format has none';
comment on column knowledge.documents.language is 'Language its text seems to be in, ISO 639-1';
comment on column knowledge.documents.metadata is 'The sender''s facts, usable in filters; at most 64 kB';
comment on column knowledge.documents.uploaded_by is 'Who brought it';
comment on column knowledge.documents.uploaded_at is 'When it was brought';
comment on column knowledge.documents.processed_at is 'When its live revision became live';
comment on column knowledge.documents.live_revision_id is 'The revision that is searched; null until the first is indexed';
select ops.make_tenant_table('knowledge.documents', audited => 'document',
  ignored => '{status,intake_step,intake_progress,error_code,error_message,attempts,chunk_count,total_tokens,page_count,language,processed_at,live_revision_id,extracted_text_object_id,content_type}');
create unique index documents_external on knowledge.documents (tenant_id, collection_id, external_id) where deleted_at is null and external_id is not null;
create unique index documents_content on knowledge.documents (tenant_id, collection_id, content_hash) where deleted_at is null and external_id is null and content_hash is not null;
create index documents_list on knowledge.documents (tenant_id, collection_id, id desc) where deleted_at is null;
create index documents_changed on knowledge.documents (tenant_id, collection_id, updated_at);
create index documents_waiting on knowledge.documents (tenant_id, collection_id, status) where deleted_at is null and status <> 'indexed';
create index documents_team on knowledge.documents (tenant_id, team_id);
alter table knowledge.documents add foreign key (tenant_id, parent_id) references knowledge.documents (tenant_id, id);
create index documents_parent on knowledge.documents (tenant_id, parent_id);
create index documents_object on knowledge.documents (tenant_id, object_id);
create index documents_text_object on knowledge.documents (tenant_id, extracted_text_object_id);

create table knowledge.document_revisions (
  tenant_id uuid, id uuid not null, document_id uuid not null, revision_number int not null, object_id uuid, extracted_text_object_id uuid,
  body text, content_hash bytea, source_version text, status text not null default 'pending' check (status in ('pending', 'processing', 'indexed', 'failed', 'retired')),
  page_count int, created_by uuid, created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, document_id) references knowledge.documents (tenant_id, id) on delete cascade,
  foreign key (tenant_id, object_id) references storage.objects (tenant_id, id),
  foreign key (tenant_id, extracted_text_object_id) references storage.objects (tenant_id, id));
comment on table knowledge.document_revisions is 'One version of a document''s bytes and text; chunks and citations belong to a revision';
comment on column knowledge.document_revisions.document_id is 'The document';
comment on column knowledge.document_revisions.revision_number is '1, 2, 3 …';
comment on column knowledge.document_revisions.object_id is 'The original bytes; null for texts sent as such';
comment on column knowledge.document_revisions.extracted_text_object_id is 'The extracted text, pages and blocks as JSON; citations to a retired revision still open here';
comment on column knowledge.document_revisions.body is 'The text itself where it was sent as such; null for files';
comment on column knowledge.document_revisions.content_hash is 'SHA-256 of the original';
comment on column knowledge.document_revisions.source_version is 'Version tag of the source';
comment on column knowledge.document_revisions.status is 'indexed is the live one; retired ones were live before';
comment on column knowledge.document_revisions.page_count is 'Pages; null where the format has none';
comment on column knowledge.document_revisions.created_by is 'Who brought it';
select ops.make_tenant_table('knowledge.document_revisions');
create unique index document_revisions_number on knowledge.document_revisions (tenant_id, document_id, revision_number);
create index document_revisions_object on knowledge.document_revisions (tenant_id, object_id);
create index document_revisions_text on knowledge.document_revisions (tenant_id, extracted_text_object_id);
alter table knowledge.documents add foreign key (tenant_id, live_revision_id) references knowledge.document_revisions (tenant_id, id);
create index documents_live on knowledge.documents (tenant_id, live_revision_id);

create table knowledge.embedding_sets (
  tenant_id uuid, id uuid not null, collection_id uuid not null,
  embedding_model_tenant_id uuid not null check (embedding_model_tenant_id in (tenant_id, '00000000-0000-7000-8000-000000000001')), embedding_model_id uuid not null,
  dimension int not null check (dimension between 1 and 4000), distance text not null default 'cosine' check (distance in ('cosine', 'l2', 'ip')),
  status text not null default 'active' check (status in ('building', 'active', 'retired', 'failed')), index_name text, chunk_count int not null default 0,
  progress int not null default 0 check (progress between 0 and 100), activated_at timestamptz, retired_at timestamptz, created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, collection_id) references knowledge.collections (tenant_id, id) on delete cascade,
  foreign key (embedding_model_tenant_id, embedding_model_id) references models.models (tenant_id, id));
comment on table knowledge.embedding_sets is 'The vectors of one collection under one model: the unit that is built, compared, switched and retired';
comment on column knowledge.embedding_sets.collection_id is 'The collection';
comment on column knowledge.embedding_sets.embedding_model_tenant_id is 'Tenant of the model: the own or the platform''s';
comment on column knowledge.embedding_sets.embedding_model_id is 'The model';
comment on column knowledge.embedding_sets.dimension is 'Length of its vectors';
comment on column knowledge.embedding_sets.distance is 'How vectors are compared';
comment on column knowledge.embedding_sets.status is 'active is the one that is searched';
comment on column knowledge.embedding_sets.index_name is 'Its own partial HNSW index; null while it is searched exactly';
comment on column knowledge.embedding_sets.chunk_count is 'Vectors in it';
comment on column knowledge.embedding_sets.progress is 'Percent built';
comment on column knowledge.embedding_sets.activated_at is 'When it became the one that is searched';
comment on column knowledge.embedding_sets.retired_at is 'When it stopped being it';
select ops.make_tenant_table('knowledge.embedding_sets');
create unique index embedding_sets_active on knowledge.embedding_sets (tenant_id, collection_id) where status = 'active';
create index embedding_sets_collection on knowledge.embedding_sets (tenant_id, collection_id);
create index embedding_sets_model on knowledge.embedding_sets (embedding_model_tenant_id, embedding_model_id);

-- Rows appear here only in the transaction that makes a revision live, and leave in the one that retires it: what is in
-- this table is searchable, with no flag to check.
create table knowledge.chunks (
  tenant_id uuid, id uuid not null, collection_id uuid not null, document_id uuid not null, revision_id uuid not null, media_asset_id uuid, chunk_index int not null check (chunk_index >= 0),
  content text not null, content_kind text not null default 'original' check (content_kind in ('original', 'summary', 'transcript', 'caption')), content_hash bytea not null,
  source_type text, page_number int, section text, headings text[] not null default '{}', start_offset int not null, end_offset int not null check (end_offset >= start_offset),
  start_seconds numeric, end_seconds numeric, token_count int not null, language text, metadata jsonb not null default '{}', fts tsvector not null,
  terms int[] not null, term_weights sparsevec(536870912) not null, term_total int not null,
  importance_score real not null default 0.5 check (importance_score between 0 and 1), tier text not null default 'hot' check (tier in ('hot', 'warm', 'cold')),
  access_count int not null default 0, last_accessed_at timestamptz, created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, collection_id) references knowledge.collections (tenant_id, id),
  foreign key (tenant_id, document_id) references knowledge.documents (tenant_id, id) on delete cascade,
  foreign key (tenant_id, revision_id) references knowledge.document_revisions (tenant_id, id) on delete cascade);
comment on table knowledge.chunks is 'Pieces of live revisions: what is searched';
comment on column knowledge.chunks.collection_id is 'Collection of its document';
comment on column knowledge.chunks.document_id is 'Its document';
comment on column knowledge.chunks.revision_id is 'The revision it was cut from';
comment on column knowledge.chunks.media_asset_id is 'Recording it was transcribed from';
comment on column knowledge.chunks.chunk_index is 'Place in the document, from 0';
comment on column knowledge.chunks.content is 'Its text';
comment on column knowledge.chunks.content_kind is 'Original text, or made from it';
comment on column knowledge.chunks.content_hash is 'SHA-256 of its text';
comment on column knowledge.chunks.source_type is 'Format of the original';
comment on column knowledge.chunks.page_number is 'Page, from 1; null where the format has none';
comment on column knowledge.chunks.section is 'Nearest heading';
comment on column knowledge.chunks.headings is 'Headings above it, outermost first';
comment on column knowledge.chunks.start_offset is 'Where it begins in its page''s extracted text, in UTF-16 units';
comment on column knowledge.chunks.end_offset is 'Where it ends, exclusive';
comment on column knowledge.chunks.start_seconds is 'Where it begins in a recording';
comment on column knowledge.chunks.end_seconds is 'Where it ends in a recording';
comment on column knowledge.chunks.token_count is 'Tokens, estimated';
comment on column knowledge.chunks.language is 'Language of its text, ISO 639-1';
comment on column knowledge.chunks.metadata is 'Facts about the piece';
comment on column knowledge.chunks.fts is 'Its stems with their positions; weights are computed from it again when average lengths drift';
comment on column knowledge.chunks.terms is 'Its stems as numbers that only this collection uses, for the index';
comment on column knowledge.chunks.term_weights is 'Saturated term frequencies of BM25, by term number';
comment on column knowledge.chunks.term_total is 'Length in stems, for the average';
comment on column knowledge.chunks.importance_score is 'Weight in ranking, 0 to 1';
comment on column knowledge.chunks.tier is 'hot, warm or cold';
comment on column knowledge.chunks.access_count is 'Answers it was used in, counted in batches';
comment on column knowledge.chunks.last_accessed_at is 'When it was last used in an answer';
select ops.make_tenant_table('knowledge.chunks');
-- A table of inserts and deletes; updated_at is set where a row changes.
drop trigger touch on knowledge.chunks;
create unique index chunks_place on knowledge.chunks (tenant_id, revision_id, chunk_index);
create index chunks_document on knowledge.chunks (tenant_id, document_id);
create index chunks_collection on knowledge.chunks (tenant_id, collection_id);
create index chunks_terms on knowledge.chunks using gin (terms) with (fastupdate = off);

create table knowledge.chunk_embeddings (
  tenant_id uuid, id uuid not null, embedding_set_id uuid not null, chunk_id uuid not null, embedding halfvec not null,
  status text not null default 'embedded' check (status in ('pending', 'embedded', 'failed')), error_message text, attempts int not null default 1, embedded_at timestamptz not null default now(),
  created_at timestamptz, updated_at timestamptz, primary key (tenant_id, embedding_set_id, chunk_id),
  foreign key (tenant_id, embedding_set_id) references knowledge.embedding_sets (tenant_id, id) on delete cascade,
  foreign key (tenant_id, chunk_id) references knowledge.chunks (tenant_id, id) on delete cascade);
comment on table knowledge.chunk_embeddings is 'Vectors of an embedding set; large sets have their own partial HNSW index';
comment on column knowledge.chunk_embeddings.id is 'UUIDv7, made by the application';
comment on column knowledge.chunk_embeddings.embedding_set_id is 'The set';
comment on column knowledge.chunk_embeddings.chunk_id is 'The chunk';
comment on column knowledge.chunk_embeddings.embedding is 'The vector; its length is the set''s dimension';
comment on column knowledge.chunk_embeddings.status is 'Only embedded rows exist in an active set';
comment on column knowledge.chunk_embeddings.error_message is 'Why it could not be embedded';
comment on column knowledge.chunk_embeddings.attempts is 'Attempts made';
comment on column knowledge.chunk_embeddings.embedded_at is 'When it was embedded';
select ops.make_tenant_table('knowledge.chunk_embeddings');
drop trigger touch on knowledge.chunk_embeddings;
create index chunk_embeddings_chunk on knowledge.chunk_embeddings (tenant_id, chunk_id);

-- Work in hand: chunks of a revision that is not live yet, with their vectors as they come. A killed worker goes on
-- where the rows end. Emptied by the transaction that publishes.
create table knowledge.pending_chunks (
  tenant_id uuid, id uuid not null, document_id uuid not null, revision_id uuid not null, chunk_index int not null, content text not null, content_kind text not null,
  page_number int, section text, headings text[] not null, start_offset int not null, end_offset int not null, token_count int not null, language text,
  embedding halfvec, created_at timestamptz, updated_at timestamptz, primary key (tenant_id, revision_id, chunk_index),
  foreign key (tenant_id, document_id) references knowledge.documents (tenant_id, id) on delete cascade,
  foreign key (tenant_id, revision_id) references knowledge.document_revisions (tenant_id, id) on delete cascade);
comment on table knowledge.pending_chunks is 'Chunks of revisions that are still being embedded';
comment on column knowledge.pending_chunks.id is 'UUIDv7, the id the chunk will have';
comment on column knowledge.pending_chunks.document_id is 'Its document';
comment on column knowledge.pending_chunks.revision_id is 'Its revision';
comment on column knowledge.pending_chunks.chunk_index is 'Place in the document';
comment on column knowledge.pending_chunks.content is 'Its text';
comment on column knowledge.pending_chunks.content_kind is 'Original text, or made from it';
comment on column knowledge.pending_chunks.page_number is 'Page, from 1';
comment on column knowledge.pending_chunks.section is 'Nearest heading';
comment on column knowledge.pending_chunks.headings is 'Headings above it';
comment on column knowledge.pending_chunks.start_offset is 'Where it begins in its page''s text';
comment on column knowledge.pending_chunks.end_offset is 'Where it ends, exclusive';
comment on column knowledge.pending_chunks.token_count is 'Tokens, estimated';
comment on column knowledge.pending_chunks.language is 'Language of its text';
comment on column knowledge.pending_chunks.embedding is 'Its vector once it is there';
select ops.make_tenant_table('knowledge.pending_chunks');
drop trigger touch on knowledge.pending_chunks;
create index pending_chunks_document on knowledge.pending_chunks (tenant_id, document_id);

-- Statistics of BM25, per collection: kept by every publication and removal, in its transaction.
create table knowledge.lexical_stats (
  tenant_id uuid, collection_id uuid not null, chunk_count bigint not null default 0, term_total bigint not null default 0,
  weights_average real not null, created_at timestamptz, updated_at timestamptz, primary key (tenant_id, collection_id),
  foreign key (tenant_id, collection_id) references knowledge.collections (tenant_id, id) on delete cascade);
comment on table knowledge.lexical_stats is 'Size of a collection as BM25 needs it';
comment on column knowledge.lexical_stats.collection_id is 'The collection';
comment on column knowledge.lexical_stats.chunk_count is 'Chunks';
comment on column knowledge.lexical_stats.term_total is 'Stems in all of them';
comment on column knowledge.lexical_stats.weights_average is 'Average length with which the stored weights were computed; a job computes them anew when the real one drifts';
select ops.make_tenant_table('knowledge.lexical_stats');

create table knowledge.term_stats (
  tenant_id uuid, collection_id uuid not null, term int not null, chunk_count int not null, primary key (tenant_id, collection_id, term)) with (fillfactor = 80);
comment on table knowledge.term_stats is 'In how many chunks of a collection a stem occurs';
comment on column knowledge.term_stats.collection_id is 'The collection';
comment on column knowledge.term_stats.term is 'The stem''s number';
comment on column knowledge.term_stats.chunk_count is 'Chunks that contain it';
select ops.make_tenant_table('knowledge.term_stats');

-- The text search configuration of a language, English where there is none: stems and stop words are PostgreSQL's.
create function knowledge.text_config(language text) returns regconfig language sql immutable parallel safe
return case language when 'de' then 'german' when 'fr' then 'french' when 'es' then 'spanish' when 'it' then 'italian' when 'pt' then 'portuguese'
  when 'nl' then 'dutch' when 'sv' then 'swedish' when 'no' then 'norwegian' when 'da' then 'danish' when 'fi' then 'finnish' when 'ru' then 'russian' else 'english' end::regconfig;

-- The number of a stem within a collection. Salted with the collection, so that the postings of one collection are of one
-- collection alone: another tenant's documents neither slow a search nor show in its times.
create function knowledge.term_number(collection uuid, stem text) returns int language sql immutable parallel safe
return 1 + (hashtextextended(stem, hashtextextended(collection::text, 0)) & 536870911)::int % 536870911;

create function knowledge.term_numbers(collection uuid, fts tsvector) returns int[] language sql immutable parallel safe
return (select coalesce(array_agg(distinct knowledge.term_number(collection, t.lexeme)), '{}') from unnest(fts) t);

-- Saturated term frequencies: tf (k1 + 1) / (tf + k1 (1 - b + b length / average)), k1 1.2, b 0.75 (Robertson, Zaragoza 2009).
create function knowledge.term_weights(collection uuid, fts tsvector, total int, average real) returns sparsevec language sql immutable parallel safe
return (select ('{' || coalesce(string_agg(n || ':' || w, ',' order by n), '') || '}/536870912')::sparsevec from (
  select knowledge.term_number(collection, t.lexeme) as n,
    max(cardinality(t.positions) * 2.2 / (cardinality(t.positions) + 1.2 * (0.25 + 0.75 * total / greatest(average, 1))))::real as w
  from unnest(fts) t group by 1) x);

create function knowledge.term_total(fts tsvector) returns int language sql immutable parallel safe
return (select coalesce(sum(cardinality(t.positions)), 0)::int from unnest(fts) t);

-- migrate:down
drop function knowledge.term_total(tsvector);
drop function knowledge.term_weights(uuid, tsvector, int, real);
drop function knowledge.term_numbers(uuid, tsvector);
drop function knowledge.term_number(uuid, text);
drop function knowledge.text_config(text);
drop table knowledge.term_stats, knowledge.lexical_stats, knowledge.pending_chunks, knowledge.chunk_embeddings, knowledge.chunks, knowledge.embedding_sets;
alter table knowledge.documents drop constraint documents_tenant_id_live_revision_id_fkey;
drop table knowledge.document_revisions, knowledge.documents, knowledge.collections;
drop schema knowledge;
