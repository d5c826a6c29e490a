-- More ways to search, who may see a single document, and what a retrieval is remembered with.
-- migrate:up
alter table knowledge.collections add column retrieval jsonb not null default '{}' check (jsonb_typeof(retrieval) = 'object' and octet_length(retrieval::text) <= 4000);
comment on column knowledge.collections.retrieval is 'How it is searched when a search does not say: strategy, rerank, neighbours and their numbers';

-- 'restricted' shows a document to whom document_acl names and to who brought it: unknown permissions are no rows, and no rows show it to nobody else.
alter table knowledge.documents add column access text not null default 'collection' check (access in ('collection', 'restricted'));
comment on column knowledge.documents.access is 'collection: whoever sees its collection; restricted: only those of them whom document_acl names, and who brought it';
create index documents_restricted on knowledge.documents (tenant_id, collection_id, id) where access = 'restricted' and deleted_at is null;

-- A restricted document is no duplicate of anything: that would tell a stranger that it is there.
drop index knowledge.documents_content;
create unique index documents_content on knowledge.documents (tenant_id, collection_id, content_hash)
  where deleted_at is null and external_id is null and content_hash is not null and access = 'collection';

create index chunks_cold on knowledge.chunks (tenant_id, collection_id) where tier = 'cold';

create table knowledge.document_acl (
  tenant_id uuid, id uuid not null, document_id uuid not null, principal_type text not null check (principal_type in ('email', 'group', 'everyone')),
  principal text not null check (length(principal) between 1 and 320 and principal = lower(principal)),
  principal_key text not null generated always as (principal_type || ':' || principal) stored,
  synced_at timestamptz, created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, document_id) references knowledge.documents (tenant_id, id) on delete cascade);
comment on table knowledge.document_acl is 'Who may see a restricted document';
comment on column knowledge.document_acl.document_id is 'The document';
comment on column knowledge.document_acl.principal_type is 'What the name is: an address, a group (a team''s id or short name), or everyone who sees the collection';
comment on column knowledge.document_acl.principal is 'The name, in lower case; everyone for everyone';
comment on column knowledge.document_acl.principal_key is 'Both together, as they are looked up';
comment on column knowledge.document_acl.synced_at is 'When a source last confirmed it; null where a person set it';
select ops.make_tenant_table('knowledge.document_acl');
create unique index document_acl_pair on knowledge.document_acl (tenant_id, document_id, principal_key);

alter table knowledge.retrieval_queries drop constraint retrieval_queries_strategy_check;
alter table knowledge.retrieval_queries add constraint retrieval_queries_strategy_check
  check (strategy in ('hybrid', 'vector', 'lexical', 'mmr', 'multi_query', 'parent_child')) not valid;
alter table knowledge.retrieval_queries add column settings jsonb, add column notes text[] not null default '{}', add column feedback_at timestamptz;
comment on column knowledge.retrieval_queries.settings is 'Everything the search was done with, defaults filled in';
comment on column knowledge.retrieval_queries.notes is 'What did not go as asked, in sentences';
comment on column knowledge.retrieval_queries.feedback_at is 'When that was said';
comment on column knowledge.retrieval_queries.strategy is 'hybrid, vector, lexical, mmr, multi_query or parent_child';
comment on column knowledge.retrieval_queries.feedback_score is 'What the asker thought of it: 1 good, -1 bad';
alter table knowledge.retrieval_queries add constraint retrieval_queries_feedback_check check (feedback_score in (-1, 1)) not valid;
create index retrieval_queries_user on knowledge.retrieval_queries (tenant_id, user_id, id desc);
alter table knowledge.retrieval_hits add column document_id uuid, add column vector_rank int, add column vector_score real, add column lexical_rank int, add column lexical_score real,
  add column rerank_score real;
comment on column knowledge.retrieval_hits.document_id is 'Its document, by which it is decided who may still read of it';
comment on column knowledge.retrieval_hits.vector_rank is 'Its place by meaning, from 1; null where that leg did not find it';
comment on column knowledge.retrieval_hits.vector_score is 'Its nearness by meaning';
comment on column knowledge.retrieval_hits.lexical_rank is 'Its place by words, from 1';
comment on column knowledge.retrieval_hits.lexical_score is 'Its weight by words';
comment on column knowledge.retrieval_hits.rerank_score is 'What the second ordering gave it';

-- Metadata with its moments as jsonpath reads them: an offset instead of Z, whole seconds.
create function knowledge.with_moments(metadata jsonb) returns jsonb language sql immutable parallel safe
return regexp_replace(regexp_replace(metadata::text, '("\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d+', '\1', 'g'), '("\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z"', '\1+00:00"', 'g')::jsonb;

-- The same search as before, within what a request allows: p_scope holds filter and vars (jsonpath over the metadata), folders, sources,
-- languages, from and to; p_principals is null where nothing in the collection is restricted. KnowledgeScope writes the same conditions for vectors.
drop function knowledge.bm25(uuid, text, text, int, jsonpath, jsonb, int);
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

-- migrate:down
drop function knowledge.bm25(uuid, text, text, int, jsonb, uuid, text[], int);
drop function knowledge.with_moments(jsonb);
create function knowledge.bm25(p_collection uuid, p_query text, p_language text, p_k int, p_filter jsonpath, p_vars jsonb, p_budget int default 2000)
returns table (chunk uuid, score real) language plpgsql stable set search_path = pg_catalog, public, knowledge set jit = off set plan_cache_mode = force_custom_plan as $f$
declare
  tenant constant uuid := nullif(current_setting('app.current_tenant_id', true), '')::uuid;
  numbers int[]; idfs float8[]; counts int[]; n int; used int := 0; found int; kth float8; bound float8; candidates bigint := 0; round int := 0; query_vector sparsevec;
  chunks_total float8;
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
      where c.tenant_id = tenant and c.collection_id = p_collection and c.terms && numbers[1:used]
        and (p_filter is null or exists (select from knowledge.documents d where d.tenant_id = tenant and d.id = c.document_id and jsonb_path_exists(d.metadata, p_filter, coalesce(p_vars, '{}'))))
      order by 1 desc, c.id limit p_k) x;
    select coalesce(sum(idfs[i]), 0) * 2.2 into bound from generate_series(used + 1, n) i;
    exit when used = n or (found = p_k and kth >= bound);
  end loop;
  return query
  select c.id, (-(c.term_weights <#> query_vector))::real from knowledge.chunks c
  where c.tenant_id = tenant and c.collection_id = p_collection and c.terms && numbers[1:used]
    and (p_filter is null or exists (select from knowledge.documents d where d.tenant_id = tenant and d.id = c.document_id and jsonb_path_exists(d.metadata, p_filter, coalesce(p_vars, '{}'))))
  order by 2 desc, 1 limit p_k;
end $f$;
alter table knowledge.retrieval_hits drop column document_id, drop column vector_rank, drop column vector_score, drop column lexical_rank, drop column lexical_score, drop column rerank_score;
drop index knowledge.retrieval_queries_user;
alter table knowledge.retrieval_queries drop constraint retrieval_queries_feedback_check, drop constraint retrieval_queries_strategy_check;
alter table knowledge.retrieval_queries no force row level security;
update knowledge.retrieval_queries set strategy = 'hybrid' where strategy in ('mmr', 'multi_query', 'parent_child');
alter table knowledge.retrieval_queries force row level security;
alter table knowledge.retrieval_queries add constraint retrieval_queries_strategy_check check (strategy in ('hybrid', 'vector', 'lexical'));
alter table knowledge.retrieval_queries drop column settings, drop column notes, drop column feedback_at;
drop table knowledge.document_acl;
drop index knowledge.chunks_cold;
drop index knowledge.documents_content;
-- Without the column a restricted document would be open, and one of two with the same content in the way: restricted ones lose their hash and their chunks.
alter table knowledge.documents no force row level security, disable trigger user;
alter table knowledge.chunks no force row level security;
delete from knowledge.chunks k using knowledge.documents d where d.tenant_id = k.tenant_id and d.id = k.document_id and d.access = 'restricted';
update knowledge.documents set content_hash = null, status = 'failed', error_code = 'access_unknown', error_message = 'Who may see this document was lost when a migration was taken back.' where access = 'restricted' and deleted_at is null;
alter table knowledge.chunks force row level security;
alter table knowledge.documents force row level security, enable trigger user;
drop index knowledge.documents_restricted;
alter table knowledge.documents drop column access;
create unique index documents_content on knowledge.documents (tenant_id, collection_id, content_hash) where deleted_at is null and external_id is null and content_hash is not null;
alter table knowledge.collections drop column retrieval;
