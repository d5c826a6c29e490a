-- Collections whose texts are sealed: under a key of their own, so that the database, its backups and its dumps show none of them.
-- migrate:up
alter table knowledge.collections add column content_key_secret_id uuid, add foreign key (tenant_id, content_key_secret_id) references ops.secrets (tenant_id, id);
comment on column knowledge.collections.content_key_secret_id is 'The key its texts are sealed with; null where they are kept as they are';
create index collections_content_key on knowledge.collections (tenant_id, content_key_secret_id);
comment on column knowledge.chunks.content is 'Its text; sealed, like section, headings, summary and metadata, where its collection has a key';
comment on column knowledge.chunks.content_hash is 'SHA-256 of its text, where the collection has a key under that key: by which the same text is recognised';
comment on column knowledge.chunks.fts is 'Its stems with their positions; weights are computed from it again when average lengths drift. Where the collection has a key: keyed hashes of them, and how often';
comment on column knowledge.pending_chunks.content is 'Its text; sealed as it will be in the chunk';
comment on column knowledge.document_revisions.body is 'The text itself where it was sent as such, sealed where the collection has a key; null for files';
comment on column knowledge.media_pieces.heard is 'What was heard and when, as JSON; sealed where the collection has a key';

-- The same search; the words of a question may come as hashes of their stems.
drop function knowledge.bm25(uuid, text, text, int, jsonb, uuid, text[], int);
create function knowledge.bm25(p_collection uuid, p_query text, p_language text, p_k int, p_scope jsonb, p_reader uuid, p_principals text[], p_budget int default 2000, p_words text default null)
returns table (chunk uuid, score real) language plpgsql stable set search_path = pg_catalog, public, knowledge set jit = off set plan_cache_mode = force_custom_plan as $f$
declare
  tenant constant uuid := nullif(current_setting('app.current_tenant_id', true), '')::uuid;
  numbers int[]; idfs float8[]; counts int[]; n int; used int := 0; found int; kth float8; bound float8; candidates bigint := 0; round int := 0; query_vector sparsevec;
  chunks_total float8;
  filter constant jsonpath := (p_scope ->> 'filter')::jsonpath;
  vars constant jsonb := coalesce(nullif(p_scope -> 'vars', 'null'), '{}');
  moments constant boolean := coalesce((p_scope ->> 'moments')::boolean, false);
  folders constant uuid[] := (select array_agg(x::uuid) from jsonb_array_elements_text(p_scope -> 'folders') x);
  sources constant uuid[] := (select array_agg(x::uuid) from jsonb_array_elements_text(p_scope -> 'sources') x);
  languages constant text[] := (select array_agg(x) from jsonb_array_elements_text(p_scope -> 'languages') x);
  since constant timestamptz := (p_scope ->> 'from')::timestamptz;
  until constant timestamptz := (p_scope ->> 'to')::timestamptz;
  cold constant boolean := coalesce((p_scope ->> 'cold')::boolean, true);
  unbound constant boolean := p_principals is null and filter is null and folders is null and sources is null and languages is null and since is null and until is null;
begin
  select s.chunk_count into chunks_total from knowledge.lexical_stats s where s.tenant_id = tenant and s.collection_id = p_collection;
  if coalesce(chunks_total, 0) = 0 then
    return;
  end if;
  -- A question in another language than a document still meets it where the stems agree; each term is looked up once.
  select array_agg(t.term order by t.chunk_count), array_agg(ln(1 + (chunks_total - t.chunk_count + 0.5) / (t.chunk_count + 0.5)) order by t.chunk_count), array_agg(t.chunk_count order by t.chunk_count)
    into numbers, idfs, counts
  from knowledge.term_stats t
  where t.tenant_id = tenant and t.collection_id = p_collection and t.chunk_count > 0
    and t.term = any (knowledge.term_numbers(p_collection, coalesce(p_words::tsvector, to_tsvector(knowledge.text_config(p_language), p_query))));
  if numbers is null then
    return;
  end if;
  n := array_length(numbers, 1);
  select ('{' || string_agg(t || ':' || x::real, ',' order by t) || '}/536870912')::sparsevec into query_vector from unnest(numbers, idfs) z(t, x);
  loop
    round := round + 1;
    loop
      used := used + 1;
      candidates := candidates + counts[used];
      exit when used = n or candidates + counts[used + 1] > p_budget::bigint * round;
    end loop;
    select count(*), min(x.s) into found, kth from (
      select -(c.term_weights <#> query_vector) as s from knowledge.chunks c
      where c.tenant_id = tenant and c.collection_id = p_collection and c.terms && numbers[1:used] and (cold or c.tier <> 'cold')
        and (unbound or exists (select from knowledge.documents d where d.tenant_id = tenant and d.id = c.document_id
          and (filter is null or jsonb_path_exists_tz(case when moments then knowledge.with_moments(d.metadata) else d.metadata end, filter, vars)) and (folders is null or d.folder_id = any (folders)) and (sources is null or d.connector_id = any (sources))
          and (languages is null or coalesce(c.language, d.language) = any (languages)) and (since is null or d.uploaded_at >= since) and (until is null or d.uploaded_at < until)
          and (p_principals is null or d.access = 'collection' or d.uploaded_by = p_reader
            or exists (select from knowledge.document_acl a where a.tenant_id = tenant and a.document_id = d.id and a.principal_key = any (p_principals)))))
      order by 1 desc, c.id limit p_k) x;
    select coalesce(sum(idfs[i]), 0) * 2.2 into bound from generate_series(used + 1, n) i;
    exit when used = n or (found = p_k and kth >= bound);
  end loop;
  return query
  select c.id, (-(c.term_weights <#> query_vector))::real from knowledge.chunks c
  where c.tenant_id = tenant and c.collection_id = p_collection and c.terms && numbers[1:used] and (cold or c.tier <> 'cold')
    and (unbound or exists (select from knowledge.documents d where d.tenant_id = tenant and d.id = c.document_id
      and (filter is null or jsonb_path_exists_tz(case when moments then knowledge.with_moments(d.metadata) else d.metadata end, filter, vars)) and (folders is null or d.folder_id = any (folders)) and (sources is null or d.connector_id = any (sources))
      and (languages is null or coalesce(c.language, d.language) = any (languages)) and (since is null or d.uploaded_at >= since) and (until is null or d.uploaded_at < until)
      and (p_principals is null or d.access = 'collection' or d.uploaded_by = p_reader
        or exists (select from knowledge.document_acl a where a.tenant_id = tenant and a.document_id = d.id and a.principal_key = any (p_principals)))))
  order by 2 desc, 1 limit p_k;
end $f$;

-- As before; the text may come sealed, with hashes of its stems and of itself.
drop function knowledge.put_chunk(uuid, text, int, real[], boolean);
create function knowledge.put_chunk(p_chunk uuid, p_content text, p_tokens int, p_embedding real[], p_edited boolean, p_words text default null, p_hash bytea default null) returns boolean language plpgsql set search_path = pg_catalog, public, knowledge as $f$
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
  stems := coalesce(p_words::tsvector, to_tsvector(knowledge.text_config(coalesce(k.language, '')), title || E'\n' || p_content));
  numbers := case when p_embedding is null then '{}' else knowledge.term_numbers(k.collection_id, stems) end;
  length := case when p_embedding is null then 0 else knowledge.term_total(stems) end;
  select s.weights_average into average from knowledge.lexical_stats s where s.tenant_id = tenant and s.collection_id = k.collection_id;
  update knowledge.chunks c set content = p_content, content_hash = coalesce(p_hash, sha256(convert_to(p_content, 'UTF8'))), token_count = p_tokens, fts = stems, terms = numbers, term_total = length,
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
drop function knowledge.put_chunk(uuid, text, int, real[], boolean, text, bytea);
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
drop function knowledge.bm25(uuid, text, text, int, jsonb, uuid, text[], int, text);
create function knowledge.bm25(p_collection uuid, p_query text, p_language text, p_k int, p_scope jsonb, p_reader uuid, p_principals text[], p_budget int default 2000)
returns table (chunk uuid, score real) language plpgsql stable set search_path = pg_catalog, public, knowledge set jit = off set plan_cache_mode = force_custom_plan as $f$
declare
  tenant constant uuid := nullif(current_setting('app.current_tenant_id', true), '')::uuid;
  numbers int[]; idfs float8[]; counts int[]; n int; used int := 0; found int; kth float8; bound float8; candidates bigint := 0; round int := 0; query_vector sparsevec;
  chunks_total float8;
  filter constant jsonpath := (p_scope ->> 'filter')::jsonpath;
  vars constant jsonb := coalesce(nullif(p_scope -> 'vars', 'null'), '{}');
  moments constant boolean := coalesce((p_scope ->> 'moments')::boolean, false);
  folders constant uuid[] := (select array_agg(x::uuid) from jsonb_array_elements_text(p_scope -> 'folders') x);
  sources constant uuid[] := (select array_agg(x::uuid) from jsonb_array_elements_text(p_scope -> 'sources') x);
  languages constant text[] := (select array_agg(x) from jsonb_array_elements_text(p_scope -> 'languages') x);
  since constant timestamptz := (p_scope ->> 'from')::timestamptz;
  until constant timestamptz := (p_scope ->> 'to')::timestamptz;
  cold constant boolean := coalesce((p_scope ->> 'cold')::boolean, true);
  unbound constant boolean := p_principals is null and filter is null and folders is null and sources is null and languages is null and since is null and until is null;
begin
  select s.chunk_count into chunks_total from knowledge.lexical_stats s where s.tenant_id = tenant and s.collection_id = p_collection;
  if coalesce(chunks_total, 0) = 0 then
    return;
  end if;
  -- A question in another language than a document still meets it where the stems agree; each term is looked up once.
  select array_agg(t.term order by t.chunk_count), array_agg(ln(1 + (chunks_total - t.chunk_count + 0.5) / (t.chunk_count + 0.5)) order by t.chunk_count), array_agg(t.chunk_count order by t.chunk_count)
    into numbers, idfs, counts
  from knowledge.term_stats t
  where t.tenant_id = tenant and t.collection_id = p_collection and t.chunk_count > 0
    and t.term = any (knowledge.term_numbers(p_collection, to_tsvector(knowledge.text_config(p_language), p_query)));
  if numbers is null then
    return;
  end if;
  n := array_length(numbers, 1);
  select ('{' || string_agg(t || ':' || x::real, ',' order by t) || '}/536870912')::sparsevec into query_vector from unnest(numbers, idfs) z(t, x);
  loop
    round := round + 1;
    loop
      used := used + 1;
      candidates := candidates + counts[used];
      exit when used = n or candidates + counts[used + 1] > p_budget::bigint * round;
    end loop;
    select count(*), min(x.s) into found, kth from (
      select -(c.term_weights <#> query_vector) as s from knowledge.chunks c
      where c.tenant_id = tenant and c.collection_id = p_collection and c.terms && numbers[1:used] and (cold or c.tier <> 'cold')
        and (unbound or exists (select from knowledge.documents d where d.tenant_id = tenant and d.id = c.document_id
          and (filter is null or jsonb_path_exists_tz(case when moments then knowledge.with_moments(d.metadata) else d.metadata end, filter, vars)) and (folders is null or d.folder_id = any (folders)) and (sources is null or d.connector_id = any (sources))
          and (languages is null or coalesce(c.language, d.language) = any (languages)) and (since is null or d.uploaded_at >= since) and (until is null or d.uploaded_at < until)
          and (p_principals is null or d.access = 'collection' or d.uploaded_by = p_reader
            or exists (select from knowledge.document_acl a where a.tenant_id = tenant and a.document_id = d.id and a.principal_key = any (p_principals)))))
      order by 1 desc, c.id limit p_k) x;
    select coalesce(sum(idfs[i]), 0) * 2.2 into bound from generate_series(used + 1, n) i;
    exit when used = n or (found = p_k and kth >= bound);
  end loop;
  return query
  select c.id, (-(c.term_weights <#> query_vector))::real from knowledge.chunks c
  where c.tenant_id = tenant and c.collection_id = p_collection and c.terms && numbers[1:used] and (cold or c.tier <> 'cold')
    and (unbound or exists (select from knowledge.documents d where d.tenant_id = tenant and d.id = c.document_id
      and (filter is null or jsonb_path_exists_tz(case when moments then knowledge.with_moments(d.metadata) else d.metadata end, filter, vars)) and (folders is null or d.folder_id = any (folders)) and (sources is null or d.connector_id = any (sources))
      and (languages is null or coalesce(c.language, d.language) = any (languages)) and (since is null or d.uploaded_at >= since) and (until is null or d.uploaded_at < until)
      and (p_principals is null or d.access = 'collection' or d.uploaded_by = p_reader
        or exists (select from knowledge.document_acl a where a.tenant_id = tenant and a.document_id = d.id and a.principal_key = any (p_principals)))))
  order by 2 desc, 1 limit p_k;
end $f$;
-- What is sealed stays sealed and cannot be read by the release before; its key stays among the secrets.
alter table knowledge.collections drop column content_key_secret_id;
