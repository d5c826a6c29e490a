-- Chunks that a person corrected or took out of search. One that is out keeps its row, without stems and vector: nothing can find it.
-- migrate:up
alter table knowledge.chunks add column disabled_at timestamptz, add column edited_at timestamptz;
comment on column knowledge.chunks.disabled_at is 'Since when a person keeps it out of search; it has no stems and no vector then';
comment on column knowledge.chunks.edited_at is 'When a person changed its words; a new revision is cut from the original again';

-- Gives a chunk other words, or takes it out of search or back, with its share of every statistic. p_embedding is null when it is to be out.
-- Under the lock of publications.
create function knowledge.put_chunk(p_chunk uuid, p_content text, p_tokens int, p_embedding real[], p_edited boolean) returns boolean language plpgsql set search_path = pg_catalog, public, knowledge as $f$
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

-- As before; what is out of search is no passage to the lexical statistics.
create or replace function knowledge.recount(p_collection uuid) returns table (counter text, was bigint, is_now bigint) language plpgsql set search_path = pg_catalog, public, knowledge as $f$
declare
  tenant constant uuid := ops.tenant();
  chunks bigint; found_in_search bigint; tokens bigint; stems bigint; documents bigint; before record; wrong bigint;
begin
  select count(*), count(*) filter (where k.disabled_at is null), coalesce(sum(k.token_count), 0), coalesce(sum(k.term_total), 0) into chunks, found_in_search, tokens, stems from knowledge.chunks k where k.tenant_id = tenant and k.collection_id = p_collection;
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
  if found and (before.chunk_count, before.term_total) is distinct from (found_in_search, stems) then
    update knowledge.lexical_stats set chunk_count = found_in_search, term_total = stems where tenant_id = tenant and collection_id = p_collection;
    return query select 'lexical statistics'::text, before.chunk_count, found_in_search;
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

-- migrate:down
create or replace function knowledge.recount(p_collection uuid) returns table (counter text, was bigint, is_now bigint) language plpgsql set search_path = pg_catalog, public, knowledge as $f$
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
drop function knowledge.put_chunk(uuid, text, int, real[], boolean);
-- What was out of search stays so until its document is cut anew: its stems and vector are gone.
alter table knowledge.chunks drop column disabled_at, drop column edited_at;
