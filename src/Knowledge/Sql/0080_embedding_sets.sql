-- More than one embedding set of a collection: the one that is searched, one that is being filled, and the one before, as long as one can go back to it.
-- migrate:up
alter table knowledge.embedding_sets drop constraint embedding_sets_status_check;
alter table knowledge.embedding_sets
  add constraint embedding_sets_status_check check (status in ('building', 'ready', 'active', 'retired', 'failed', 'removed')),
  add column error_message text check (length(error_message) <= 1000), add column switches_itself boolean not null default false, add column caught_up_at timestamptz, add column created_by uuid;
comment on column knowledge.embedding_sets.status is 'building, ready (complete), active (searched), retired (searched before, and kept so that one can go back), failed, removed (its vectors are being deleted)';
comment on column knowledge.embedding_sets.error_message is 'Why it could not be filled, in a sentence for people';
comment on column knowledge.embedding_sets.switches_itself is 'Whether it becomes the one that is searched as soon as it is complete';
comment on column knowledge.embedding_sets.caught_up_at is 'When no passage was missing in it; what changed since is looked at again';
comment on column knowledge.embedding_sets.created_by is 'Who asked for it';
create unique index embedding_sets_next on knowledge.embedding_sets (tenant_id, collection_id) where status in ('building', 'ready', 'failed');
create unique index embedding_sets_previous on knowledge.embedding_sets (tenant_id, collection_id) where status = 'retired';

-- As before, but it leaves every set, and the document is told that something changed, so that sets that are not searched now follow.
create or replace function knowledge.put_chunk(p_chunk uuid, p_content text, p_tokens int, p_embedding real[], p_edited boolean) returns boolean language plpgsql set search_path = pg_catalog, public, knowledge as $f$
declare
  tenant constant uuid := ops.tenant();
  k knowledge.chunks; title text; stems tsvector; numbers int[]; set_id uuid; average real; length int;
begin
  select * into k from knowledge.chunks c where c.tenant_id = tenant and c.id = p_chunk for update;
  if k.id is null then
    return false;
  end if;
  select d.title into title from knowledge.documents d where d.tenant_id = tenant and d.id = k.document_id;
  select s.id into set_id from knowledge.embedding_sets s where s.tenant_id = tenant and s.collection_id = k.collection_id and s.status = 'active';
  if k.disabled_at is null then
    update knowledge.term_stats s set chunk_count = s.chunk_count - 1 where s.tenant_id = tenant and s.collection_id = k.collection_id and s.term = any (k.terms);
    update knowledge.lexical_stats set chunk_count = chunk_count - 1, term_total = term_total - k.term_total where tenant_id = tenant and collection_id = k.collection_id;
    update knowledge.embedding_sets s set chunk_count = s.chunk_count - 1 where s.tenant_id = tenant and s.collection_id = k.collection_id
      and exists (select from knowledge.chunk_embeddings e where e.tenant_id = tenant and e.embedding_set_id = s.id and e.chunk_id = k.id);
    delete from knowledge.chunk_embeddings where tenant_id = tenant and chunk_id = k.id;
  end if;
  stems := to_tsvector(knowledge.text_config(coalesce(k.language, '')), title || E'\n' || p_content);
  numbers := case when p_embedding is null then '{}' else knowledge.term_numbers(k.collection_id, stems) end;
  length := case when p_embedding is null then 0 else knowledge.term_total(stems) end;
  select s.weights_average into average from knowledge.lexical_stats s where s.tenant_id = tenant and s.collection_id = k.collection_id;
  update knowledge.chunks c set content = p_content, content_hash = sha256(convert_to(p_content, 'UTF8')), token_count = p_tokens, fts = stems, terms = numbers, term_total = length,
    term_weights = case when p_embedding is null then '{}/536870912'::sparsevec else knowledge.term_weights(k.collection_id, stems, length, average) end,
    disabled_at = case when p_embedding is null then coalesce(c.disabled_at, now()) end, edited_at = case when p_edited then now() else c.edited_at end, updated_at = now()
  where c.tenant_id = tenant and c.id = k.id;
  if p_embedding is not null then
    insert into knowledge.term_stats as s (collection_id, term, chunk_count) select k.collection_id, n, 1 from unnest(numbers) n
      on conflict (tenant_id, collection_id, term) do update set chunk_count = s.chunk_count + 1;
    update knowledge.lexical_stats set chunk_count = chunk_count + 1, term_total = term_total + length where tenant_id = tenant and collection_id = k.collection_id;
    update knowledge.embedding_sets set chunk_count = chunk_count + 1 where tenant_id = tenant and id = set_id;
    insert into knowledge.chunk_embeddings (id, embedding_set_id, chunk_id, embedding) values (ops.uuid7(), set_id, k.id, p_embedding::halfvec);
  end if;
  update knowledge.documents set total_tokens = total_tokens + p_tokens - k.token_count where tenant_id = tenant and id = k.document_id;
  update knowledge.collections set token_count = token_count + p_tokens - k.token_count where tenant_id = tenant and id = k.collection_id and p_tokens <> k.token_count;
  return true;
end $f$;

-- migrate:down
create or replace function knowledge.put_chunk(p_chunk uuid, p_content text, p_tokens int, p_embedding real[], p_edited boolean) returns boolean language plpgsql set search_path = pg_catalog, public, knowledge as $f$
declare
  tenant constant uuid := ops.tenant();
  k knowledge.chunks; title text; stems tsvector; numbers int[]; set_id uuid; average real; length int;
begin
  select * into k from knowledge.chunks c where c.tenant_id = tenant and c.id = p_chunk for update;
  if k.id is null then
    return false;
  end if;
  select d.title into title from knowledge.documents d where d.tenant_id = tenant and d.id = k.document_id;
  select s.id into set_id from knowledge.embedding_sets s where s.tenant_id = tenant and s.collection_id = k.collection_id and s.status = 'active';
  if k.disabled_at is null then
    update knowledge.term_stats s set chunk_count = s.chunk_count - 1 where s.tenant_id = tenant and s.collection_id = k.collection_id and s.term = any (k.terms);
    update knowledge.lexical_stats set chunk_count = chunk_count - 1, term_total = term_total - k.term_total where tenant_id = tenant and collection_id = k.collection_id;
    update knowledge.embedding_sets set chunk_count = chunk_count - 1 where tenant_id = tenant and id = set_id;
    delete from knowledge.chunk_embeddings where tenant_id = tenant and chunk_id = k.id;
  end if;
  stems := to_tsvector(knowledge.text_config(coalesce(k.language, '')), title || E'\n' || p_content);
  numbers := case when p_embedding is null then '{}' else knowledge.term_numbers(k.collection_id, stems) end;
  length := case when p_embedding is null then 0 else knowledge.term_total(stems) end;
  select s.weights_average into average from knowledge.lexical_stats s where s.tenant_id = tenant and s.collection_id = k.collection_id;
  update knowledge.chunks c set content = p_content, content_hash = sha256(convert_to(p_content, 'UTF8')), token_count = p_tokens, fts = stems, terms = numbers, term_total = length,
    term_weights = case when p_embedding is null then '{}/536870912'::sparsevec else knowledge.term_weights(k.collection_id, stems, length, average) end,
    disabled_at = case when p_embedding is null then coalesce(c.disabled_at, now()) end, edited_at = case when p_edited then now() else c.edited_at end, updated_at = now()
  where c.tenant_id = tenant and c.id = k.id;
  if p_embedding is not null then
    insert into knowledge.term_stats as s (collection_id, term, chunk_count) select k.collection_id, n, 1 from unnest(numbers) n
      on conflict (tenant_id, collection_id, term) do update set chunk_count = s.chunk_count + 1;
    update knowledge.lexical_stats set chunk_count = chunk_count + 1, term_total = term_total + length where tenant_id = tenant and collection_id = k.collection_id;
    update knowledge.embedding_sets set chunk_count = chunk_count + 1 where tenant_id = tenant and id = set_id;
    insert into knowledge.chunk_embeddings (id, embedding_set_id, chunk_id, embedding) values (ops.uuid7(), set_id, k.id, p_embedding::halfvec);
  end if;
  update knowledge.documents set total_tokens = total_tokens + p_tokens - k.token_count where tenant_id = tenant and id = k.document_id and p_tokens <> k.token_count;
  update knowledge.collections set token_count = token_count + p_tokens - k.token_count where tenant_id = tenant and id = k.collection_id and p_tokens <> k.token_count;
  return true;
end $f$;
drop index knowledge.embedding_sets_previous, knowledge.embedding_sets_next;
-- What an older version does not know is left to nobody: it is neither searched nor filled there.
alter table knowledge.embedding_sets no force row level security;
update knowledge.embedding_sets set status = 'failed' where status in ('ready', 'removed');
alter table knowledge.embedding_sets force row level security;
alter table knowledge.embedding_sets drop constraint embedding_sets_status_check;
alter table knowledge.embedding_sets
  add constraint embedding_sets_status_check check (status in ('building', 'active', 'retired', 'failed')),
  drop column error_message, drop column switches_itself, drop column caught_up_at, drop column created_by;
comment on column knowledge.embedding_sets.status is 'active is the one that is searched';
