-- Which settings a revision was cut with, so that a change of them shows what has to be cut anew.
-- migrate:up
alter table knowledge.document_revisions add column chunked_as text;
comment on column knowledge.document_revisions.chunked_as is 'The settings its chunks were cut with, as knowledge.chunking_of tells them';

-- Everything of a collection that decides how its texts are cut, as one word.
create function knowledge.chunking_of(c knowledge.collections) returns text language sql immutable set search_path = pg_catalog, knowledge as $f$
  select md5(concat_ws('|', c.chunking_strategy, c.chunk_size, c.chunk_overlap, c.chunk_unit, coalesce(c.combine_under_n_chars, -1), coalesce(c.new_after_n_chars, -1), c.multipage_sections,
    coalesce((c.settings -> 'chunking')::text, '')))
$f$;

-- Documents in use whose live revision was cut with other settings.
create function knowledge.outdated_documents(p_collection uuid) returns setof uuid language sql stable set search_path = pg_catalog, knowledge as $f$
  select d.id from knowledge.collections c join knowledge.documents d on d.tenant_id = c.tenant_id and d.collection_id = c.id and d.deleted_at is null and d.archived_at is null
  join knowledge.document_revisions r on r.tenant_id = d.tenant_id and r.id = d.live_revision_id
  where c.tenant_id = ops.tenant() and c.id = p_collection and r.chunked_as is distinct from knowledge.chunking_of(c)
$f$;

-- Whoever changes the settings, by whatever way: the collection says that it has to be cut anew, or that it has not after all.
create function knowledge.mark_rechunk() returns trigger language plpgsql set search_path = pg_catalog, knowledge as $f$
begin
  if new.status <> 'archived' and knowledge.chunking_of(new) <> knowledge.chunking_of(old) then
    new.status := case when exists (
      select from knowledge.documents d join knowledge.document_revisions r on r.tenant_id = d.tenant_id and r.id = d.live_revision_id
      where d.tenant_id = new.tenant_id and d.collection_id = new.id and d.deleted_at is null and d.archived_at is null and r.chunked_as is distinct from knowledge.chunking_of(new))
      then 'needs_reindex' else 'active' end;
  end if;
  return new;
end $f$;
create trigger b_rechunk before update on knowledge.collections for each row execute function knowledge.mark_rechunk();

-- After each document that went through: done when none is left, in need again when some are left and none is on its way.
create function knowledge.settle_rechunk(p_collection uuid) returns void language sql set search_path = pg_catalog, knowledge as $f$
  update knowledge.collections c set status = case when not exists (select from knowledge.outdated_documents(c.id)) then 'active' else 'needs_reindex' end
  where c.tenant_id = ops.tenant() and c.id = p_collection and c.status in ('needs_reindex', 'reindexing')
    and (not exists (select from knowledge.outdated_documents(c.id))
      or (c.status = 'reindexing' and not exists (select from knowledge.documents d where d.tenant_id = c.tenant_id and d.collection_id = c.id and d.deleted_at is null and d.status in ('pending', 'processing'))))
$f$;

-- What is live was cut with the settings of today, as far as anybody knows.
alter table knowledge.document_revisions no force row level security, disable trigger user;
alter table knowledge.documents no force row level security;
alter table knowledge.collections no force row level security;
update knowledge.document_revisions r set chunked_as = knowledge.chunking_of(c) from knowledge.documents d join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
  where d.tenant_id = r.tenant_id and d.live_revision_id = r.id;
alter table knowledge.collections force row level security;
alter table knowledge.documents force row level security;
alter table knowledge.document_revisions force row level security, enable trigger user;

-- migrate:down
drop trigger b_rechunk on knowledge.collections;
drop function knowledge.settle_rechunk(uuid), knowledge.mark_rechunk(), knowledge.outdated_documents(uuid), knowledge.chunking_of(knowledge.collections);
alter table knowledge.document_revisions drop column chunked_as;
