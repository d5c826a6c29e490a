-- What documents are made of: typed metadata, parents, earlier revisions one can go back to and whose passages can still be opened.
-- migrate:up
alter table knowledge.collections drop column metadata_schema_id,
  add column metadata_fields jsonb not null default '[]' check (octet_length(metadata_fields::text) <= 32768);
comment on column knowledge.collections.metadata_fields is 'Keys that documents'' metadata has, each with its type; others are free unless fixed_metadata';

alter table knowledge.document_revisions add column size_bytes bigint, add column note text check (length(note) <= 500);
comment on column knowledge.document_revisions.size_bytes is 'Size of the original; null where it was not kept in mind';
comment on column knowledge.document_revisions.note is 'Why there is this revision, where it is not a new original';

create table knowledge.retired_chunks (
  tenant_id uuid, id uuid not null, document_id uuid not null, revision_id uuid not null, page_number int, section text, start_offset int not null, end_offset int not null,
  created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, document_id) references knowledge.documents (tenant_id, id) on delete cascade,
  foreign key (tenant_id, revision_id) references knowledge.document_revisions (tenant_id, id) on delete cascade);
comment on table knowledge.retired_chunks is 'Where passages stood that are searched no more; their words are in the text of their revision';
comment on column knowledge.retired_chunks.document_id is 'Their document';
comment on column knowledge.retired_chunks.revision_id is 'The revision they were cut from';
comment on column knowledge.retired_chunks.page_number is 'Page, from 1';
comment on column knowledge.retired_chunks.section is 'Nearest heading';
comment on column knowledge.retired_chunks.start_offset is 'Where it began in its page''s text, in UTF-16 units';
comment on column knowledge.retired_chunks.end_offset is 'Where it ended, exclusive';
select ops.make_tenant_table('knowledge.retired_chunks');
create index retired_chunks_document on knowledge.retired_chunks (tenant_id, document_id);
create index retired_chunks_revision on knowledge.retired_chunks (tenant_id, revision_id);

-- The documents below these, however deep; thirty-two steps are more than anything is nested.
create function knowledge.documents_below(p_documents uuid[]) returns setof uuid language sql stable set search_path = pg_catalog, knowledge as $f$
  with recursive below(id, step) as (
    select d.id, 1 from knowledge.documents d where d.tenant_id = ops.tenant() and d.parent_id = any (p_documents) and d.deleted_at is null
    union
    select d.id, b.step + 1 from below b join knowledge.documents d on d.tenant_id = ops.tenant() and d.parent_id = b.id and d.deleted_at is null where b.step < 32)
  select distinct id from below
$f$;

-- Documents whose parent is gone stand by themselves.
create function knowledge.part_children(p_parents uuid[]) returns int language sql set search_path = pg_catalog, knowledge as $f$
  with parted as (update knowledge.documents set parent_id = null where tenant_id = ops.tenant() and parent_id = any (p_parents) and deleted_at is null returning 1)
  select count(*)::int from parted
$f$;

drop function knowledge.begin_anew(uuid, uuid, uuid, uuid);
-- As before; with the size of what it goes back to, and why.
create function knowledge.begin_anew(p_document uuid, p_from uuid, p_new uuid, p_user uuid, p_note text) returns table (collection_id uuid, has_file boolean, has_text boolean)
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
  insert into knowledge.document_revisions (id, document_id, revision_number, object_id, extracted_text_object_id, body, content_hash, source_version, page_count, size_bytes, note, created_by)
  select p_new, p_document, max(r.revision_number) + 1, source.object_id, source.extracted_text_object_id, source.body, source.content_hash, source.source_version, source.page_count,
    source.size_bytes, p_note, p_user
  from knowledge.document_revisions r where r.tenant_id = tenant and r.document_id = p_document;
  return query
  update knowledge.documents d set status = 'pending', intake_progress = 0, error_code = null, error_message = null, archived_at = null,
    intake_step = case when source.extracted_text_object_id is null and source.object_id is not null then 'read' else 'split' end,
    object_id = source.object_id, extracted_text_object_id = source.extracted_text_object_id, content_hash = source.content_hash, source_version = source.source_version,
    size_bytes = coalesce(source.size_bytes, octet_length(source.body), d.size_bytes)
  where d.tenant_id = tenant and d.id = p_document and d.deleted_at is null
  returning d.collection_id, source.object_id is not null, source.extracted_text_object_id is not null;
end $f$;

-- migrate:down
drop function knowledge.begin_anew(uuid, uuid, uuid, uuid, text);
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
drop function knowledge.part_children(uuid[]), knowledge.documents_below(uuid[]);
drop table knowledge.retired_chunks;
alter table knowledge.document_revisions drop column note, drop column size_bytes;
alter table knowledge.collections drop column metadata_fields, add column metadata_schema_id uuid;
comment on column knowledge.collections.metadata_schema_id is 'Schema of documents'' metadata';
