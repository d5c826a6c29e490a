-- Batches of documents that came together; documents out of use that can come back; counters that are counted again.
-- migrate:up
create table knowledge.batches (
  tenant_id uuid, id uuid not null, collection_id uuid not null, kind text not null check (kind in ('upload', 'texts', 'import')), name text check (length(name) between 1 and 200),
  created_by uuid, created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, collection_id) references knowledge.collections (tenant_id, id) on delete cascade);
comment on table knowledge.batches is 'Documents that were brought together: one upload, one request of texts, one import';
comment on column knowledge.batches.collection_id is 'The collection they were brought into';
comment on column knowledge.batches.kind is 'How they came';
comment on column knowledge.batches.name is 'What whoever brought them calls it';
comment on column knowledge.batches.created_by is 'Who brought them';
select ops.make_tenant_table('knowledge.batches');
create index batches_collection on knowledge.batches (tenant_id, collection_id, id desc);

alter table knowledge.documents add column batch_id uuid, add column archived_at timestamptz,
  add foreign key (tenant_id, batch_id) references knowledge.batches (tenant_id, id) on delete set null (batch_id);
comment on column knowledge.documents.batch_id is 'Batch that brought it last';
comment on column knowledge.documents.archived_at is 'Since when it is out of search, with all that is needed to bring it back; null while it is in use';
create index documents_batch on knowledge.documents (tenant_id, batch_id);
create index documents_archived on knowledge.documents (tenant_id, collection_id, id) where archived_at is not null and deleted_at is null;

-- Gives a document a new revision of what an earlier one held (p_from; its newest when null) and makes it wait for intake. Says what intake has to begin
-- with: the file, the extracted text, or the words. No row when there is nothing to begin with.
create function knowledge.begin_anew(p_document uuid, p_from uuid, p_new uuid, p_user uuid) returns table (collection_id uuid, has_file boolean, has_text boolean)
language plpgsql set search_path = pg_catalog, knowledge as $f$
#variable_conflict use_column
declare
  tenant constant uuid := ops.tenant();
  source knowledge.document_revisions;
begin
  select r.* into source from knowledge.document_revisions r where r.tenant_id = tenant and r.document_id = p_document and (p_from is null or r.id = p_from)
    and (r.object_id is not null or r.extracted_text_object_id is not null or r.body is not null) order by r.revision_number desc limit 1;
  if source.id is null then
    return;
  end if;
  insert into knowledge.document_revisions (id, document_id, revision_number, object_id, extracted_text_object_id, body, content_hash, source_version, page_count, created_by)
  select p_new, p_document, max(r.revision_number) + 1, source.object_id, source.extracted_text_object_id, source.body, source.content_hash, source.source_version, source.page_count, p_user
  from knowledge.document_revisions r where r.tenant_id = tenant and r.document_id = p_document;
  return query
  update knowledge.documents d set status = 'pending', intake_progress = 0, error_code = null, error_message = null, archived_at = null,
    intake_step = case when source.extracted_text_object_id is null and source.object_id is not null then 'read' else 'split' end,
    object_id = source.object_id, extracted_text_object_id = source.extracted_text_object_id, content_hash = source.content_hash, source_version = source.source_version
  where d.tenant_id = tenant and d.id = p_document and d.deleted_at is null
  returning d.collection_id, source.object_id is not null, source.extracted_text_object_id is not null;
end $f$;

-- Takes documents out of use; their chunks are gone already.
create function knowledge.archive_documents(p_documents uuid[]) returns int language sql set search_path = pg_catalog, knowledge as $f$
  with retired as (
    update knowledge.document_revisions r set status = 'retired' where r.tenant_id = ops.tenant() and r.document_id = any (p_documents) and r.status in ('pending', 'processing') returning 1),
  archived as (
    update knowledge.documents d set archived_at = now(), chunk_count = 0, total_tokens = 0, intake_step = null, intake_progress = 0, error_code = null, error_message = null,
      status = case when d.status = 'failed' then 'failed' else 'indexed' end
    where d.tenant_id = ops.tenant() and d.id = any (p_documents) and d.deleted_at is null and d.archived_at is null returning 1)
  select count(*)::int from archived
$f$;

-- Takes the marks of deleted documents of a collection away, the next so many.
create function knowledge.purge_documents(p_collection uuid, p_documents uuid[], p_most int) returns int language plpgsql set search_path = pg_catalog, knowledge as $f$
declare
  going uuid[];
begin
  select array_agg(x.id) into going from (select d.id from knowledge.documents d where d.tenant_id = ops.tenant() and d.collection_id = p_collection and d.deleted_at is not null
    and (p_documents is null or d.id = any (p_documents)) order by d.id limit p_most) x;
  update knowledge.documents set parent_id = null where tenant_id = ops.tenant() and parent_id = any (going);
  update knowledge.documents set live_revision_id = null where tenant_id = ops.tenant() and id = any (going) and live_revision_id is not null;
  delete from knowledge.documents where tenant_id = ops.tenant() and id = any (going);
  return coalesce(cardinality(going), 0);
end $f$;

-- Counts anew what is kept beside the rows of a collection and sets it right; says what was wrong. Under the lock of publications.
create function knowledge.recount(p_collection uuid) returns table (counter text, was bigint, is_now bigint) language plpgsql set search_path = pg_catalog, public, knowledge as $f$
declare
  tenant constant uuid := ops.tenant();
  chunks bigint; tokens bigint; stems bigint; documents bigint; before record; wrong bigint;
begin
  select count(*), coalesce(sum(k.token_count), 0), coalesce(sum(k.term_total), 0) into chunks, tokens, stems from knowledge.chunks k where k.tenant_id = tenant and k.collection_id = p_collection;
  select count(*) into documents from knowledge.documents d where d.tenant_id = tenant and d.collection_id = p_collection and d.deleted_at is null and d.live_revision_id is not null;
  select c.document_count, c.chunk_count, c.token_count into before from knowledge.collections c where c.tenant_id = tenant and c.id = p_collection;
  if (before.document_count, before.chunk_count, before.token_count) is distinct from (documents, chunks, tokens) then
    update knowledge.collections set document_count = documents, chunk_count = chunks, token_count = tokens where tenant_id = tenant and id = p_collection;
  end if;
  return query select v.name, v.was, v.now from (values ('documents', before.document_count::bigint, documents), ('chunks', before.chunk_count::bigint, chunks), ('tokens', before.token_count, tokens)) v(name, was, now)
    where v.was <> v.now;

  with real as (
    select d.id, count(k.id)::int as chunks, coalesce(sum(k.token_count), 0)::int as tokens from knowledge.documents d left join knowledge.chunks k on k.tenant_id = d.tenant_id and k.document_id = d.id
    where d.tenant_id = tenant and d.collection_id = p_collection and d.deleted_at is null group by 1),
  mended as (
    update knowledge.documents d set chunk_count = r.chunks, total_tokens = r.tokens from real r
    where d.tenant_id = tenant and d.id = r.id and (d.chunk_count, d.total_tokens) is distinct from (r.chunks, r.tokens) returning 1)
  select count(*) into wrong from mended;
  return query select 'documents with a wrong count'::text, wrong, 0::bigint where wrong > 0;

  with real as (
    select s.id, count(e.chunk_id)::int as vectors from knowledge.embedding_sets s left join knowledge.chunk_embeddings e on e.tenant_id = s.tenant_id and e.embedding_set_id = s.id
    where s.tenant_id = tenant and s.collection_id = p_collection group by 1),
  mended as (
    update knowledge.embedding_sets s set chunk_count = r.vectors from real r where s.tenant_id = tenant and s.id = r.id and s.chunk_count <> r.vectors returning 1)
  select count(*) into wrong from mended;
  return query select 'embedding sets with a wrong count'::text, wrong, 0::bigint where wrong > 0;

  select s.chunk_count, s.term_total into before from knowledge.lexical_stats s where s.tenant_id = tenant and s.collection_id = p_collection;
  if found and (before.chunk_count, before.term_total) is distinct from (chunks, stems) then
    update knowledge.lexical_stats set chunk_count = chunks, term_total = stems where tenant_id = tenant and collection_id = p_collection;
    return query select 'lexical statistics'::text, before.chunk_count, chunks;
  end if;
  with real as (select t as term, count(*)::int as n from knowledge.chunks k, unnest(k.terms) t where k.tenant_id = tenant and k.collection_id = p_collection group by 1),
  known as (
    update knowledge.term_stats s set chunk_count = coalesce(r.n, 0)
    from knowledge.term_stats o left join real r on r.term = o.term
    where o.tenant_id = tenant and o.collection_id = p_collection and s.tenant_id = tenant and s.collection_id = p_collection and s.term = o.term and o.chunk_count <> coalesce(r.n, 0) returning 1),
  missing as (
    insert into knowledge.term_stats (collection_id, term, chunk_count) select p_collection, r.term, r.n from real r
    where not exists (select from knowledge.term_stats s where s.tenant_id = tenant and s.collection_id = p_collection and s.term = r.term) returning 1)
  select (select count(*) from known) + (select count(*) from missing) into wrong;
  return query select 'stems with a wrong count'::text, wrong, 0::bigint where wrong > 0;
end $f$;

-- Organisations that have collections already; others get theirs with their first.
alter table knowledge.collections no force row level security;
alter table ops.schedules no force row level security;
insert into ops.schedules (tenant_id, id, kind, next_run_at, interval_seconds)
  select distinct c.tenant_id, gen_random_uuid(), 'knowledge.recount', now() + interval '2 hours', 86400 from knowledge.collections c group by 1 on conflict do nothing;
alter table ops.schedules force row level security;
alter table knowledge.collections force row level security;

-- migrate:down
alter table ops.schedules no force row level security;
delete from ops.schedules where kind = 'knowledge.recount';
alter table ops.schedules force row level security;
drop function knowledge.recount(uuid), knowledge.purge_documents(uuid, uuid[], int), knowledge.archive_documents(uuid[]), knowledge.begin_anew(uuid, uuid, uuid, uuid);
-- Without the column nobody could tell why they have no chunks; a retry brings them back.
alter table knowledge.documents no force row level security, disable trigger user;
update knowledge.documents set status = 'failed', error_code = 'archived', error_message = 'This document was archived when a migration was taken back.' where archived_at is not null and deleted_at is null;
alter table knowledge.documents force row level security, enable trigger user;
drop index knowledge.documents_archived, knowledge.documents_batch;
alter table knowledge.documents drop column batch_id, drop column archived_at;
drop table knowledge.batches;
