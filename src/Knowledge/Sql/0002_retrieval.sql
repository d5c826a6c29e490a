-- Lexical search and the log of retrievals.
-- migrate:up
create table knowledge.retrieval_queries (
  tenant_id uuid, id uuid not null, team_id uuid, user_id uuid, api_key_id uuid, agent_id uuid, conversation_id uuid, message_id uuid, collection_id uuid,
  query_text text not null, rephrased_query text, strategy text not null check (strategy in ('hybrid', 'vector', 'lexical')), top_k int not null, threshold real, filters jsonb,
  result_count int not null, top_score real, reranked boolean not null default false, duration_ms int not null, timings jsonb, candidates jsonb,
  feedback_score smallint, feedback_text text, created_at timestamptz, updated_at timestamptz, primary key (tenant_id, id)) partition by range (id);
comment on table knowledge.retrieval_queries is 'Every retrieval: what was asked, how, and what was found';
comment on column knowledge.retrieval_queries.team_id is 'Team of the asker';
comment on column knowledge.retrieval_queries.user_id is 'Who asked, or whose key';
comment on column knowledge.retrieval_queries.api_key_id is 'Key that asked';
comment on column knowledge.retrieval_queries.agent_id is 'Agent that asked';
comment on column knowledge.retrieval_queries.conversation_id is 'Conversation it was for';
comment on column knowledge.retrieval_queries.message_id is 'Message it was for';
comment on column knowledge.retrieval_queries.collection_id is 'Collection searched; null when several were';
comment on column knowledge.retrieval_queries.query_text is 'The question as asked';
comment on column knowledge.retrieval_queries.rephrased_query is 'The question as searched, where it differs';
comment on column knowledge.retrieval_queries.strategy is 'hybrid, vector or lexical';
comment on column knowledge.retrieval_queries.top_k is 'Hits asked for';
comment on column knowledge.retrieval_queries.threshold is 'Least vector similarity asked for';
comment on column knowledge.retrieval_queries.filters is 'Filters as given';
comment on column knowledge.retrieval_queries.result_count is 'Hits returned';
comment on column knowledge.retrieval_queries.top_score is 'Score of the first hit';
comment on column knowledge.retrieval_queries.reranked is 'Whether a second model ordered the hits';
comment on column knowledge.retrieval_queries.duration_ms is 'Time in all, in milliseconds';
comment on column knowledge.retrieval_queries.timings is 'Time of each part, in milliseconds';
comment on column knowledge.retrieval_queries.candidates is 'Candidates before the cut: chunk, rank in each leg, score';
comment on column knowledge.retrieval_queries.feedback_score is 'What the asker thought of it';
comment on column knowledge.retrieval_queries.feedback_text is 'In words';
select ops.make_tenant_table('knowledge.retrieval_queries');
insert into ops.partitioned_tables values ('knowledge.retrieval_queries', 12);

create table knowledge.retrieval_query_collections (
  tenant_id uuid, id uuid not null, query_id uuid not null, collection_id uuid not null, created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, collection_id) references knowledge.collections (tenant_id, id) on delete cascade);
comment on table knowledge.retrieval_query_collections is 'Collections of a retrieval';
comment on column knowledge.retrieval_query_collections.query_id is 'The retrieval';
comment on column knowledge.retrieval_query_collections.collection_id is 'The collection';
select ops.make_tenant_table('knowledge.retrieval_query_collections');
create index retrieval_query_collections_query on knowledge.retrieval_query_collections (tenant_id, query_id);
create index retrieval_query_collections_collection on knowledge.retrieval_query_collections (tenant_id, collection_id);

create table knowledge.retrieval_hits (
  tenant_id uuid, id uuid not null, query_id uuid not null, rank int not null, chunk_id uuid not null, score real not null, used_in_answer boolean not null default false,
  created_at timestamptz, updated_at timestamptz);
comment on table knowledge.retrieval_hits is 'Hits of a retrieval, in order';
comment on column knowledge.retrieval_hits.query_id is 'The retrieval';
comment on column knowledge.retrieval_hits.rank is 'Place, from 1';
comment on column knowledge.retrieval_hits.chunk_id is 'The chunk; may be gone since';
comment on column knowledge.retrieval_hits.score is 'Its score, 0 to 1';
comment on column knowledge.retrieval_hits.used_in_answer is 'Whether the answer cited it';
select ops.make_tenant_table('knowledge.retrieval_hits');
create unique index retrieval_hits_rank on knowledge.retrieval_hits (tenant_id, query_id, rank);

-- Exact BM25, best k chunks of one collection. Score = sum over query terms of idf(t) * weight(t, chunk), an inner product of two
-- sparse vectors. Candidates come from the rarest terms first; the terms left out can add at most idf * 2.2 each, so
-- when the k-th score reaches that bound nothing outside can enter the best k (MaxScore). Exact whatever the budget.
-- The filter is a jsonpath over the document's metadata, applied to candidates before they count.
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
select ops.ensure_partitions(3);

-- migrate:down
drop function knowledge.bm25(uuid, text, text, int, jsonpath, jsonb, int);
drop table knowledge.retrieval_hits, knowledge.retrieval_query_collections, knowledge.retrieval_queries;
delete from ops.partitioned_tables where table_name = 'knowledge.retrieval_queries';
