-- What is used how often, how important it is and where it therefore lies; vectors that need not be made twice.
-- migrate:up
create table knowledge.use_counts (
  tenant_id uuid, id uuid not null, counted_until uuid not null, tiered_at timestamptz, created_at timestamptz, updated_at timestamptz);
comment on table knowledge.use_counts is 'How far the hits of an organisation are counted; one row each';
comment on column knowledge.use_counts.counted_until is 'The last hit that was counted';
comment on column knowledge.use_counts.tiered_at is 'When passages were last moved between tiers';
select ops.make_tenant_table('knowledge.use_counts');
create unique index use_counts_one on knowledge.use_counts (tenant_id);

alter table knowledge.chunks add column importance_set real check (importance_set between 0 and 1);
comment on column knowledge.chunks.importance_set is 'Importance a person gave it; null where it is computed';
comment on column knowledge.chunks.access_count is 'Answered questions it was a hit of, counted in batches';

-- Importance from what is known of a passage: four tenths to begin with, up to three for use (fifty uses are all of it), two for its first year,
-- one for what people thought of the searches that found it.
create function knowledge.importance(uses int, age_days float8, good bigint, bad bigint) returns real language sql immutable parallel safe
return round((0.4 + 0.3 * least(1, ln(1 + uses) / ln(51)) + 0.2 * greatest(0, 1 - age_days / 365) + 0.1 * (good - bad) / greatest(1, good + bad))::numeric, 2)::real;

-- Adds the next hits of the log to their passages: each question once, whatever it looked at. The log is what is written when a question is
-- answered, so that answering touches no passage. Says how many hits it read. Hits of the last minute wait: they may still be on their way.
create function knowledge.count_uses(p_most int) returns int language plpgsql set search_path = pg_catalog, knowledge as $f$
declare
  tenant constant uuid := ops.tenant();
  since uuid; until uuid; hits int;
begin
  insert into knowledge.use_counts (id, counted_until) values (ops.uuid7(), '00000000-0000-0000-0000-000000000000') on conflict (tenant_id) do nothing;
  select counted_until into since from knowledge.use_counts where tenant_id = tenant for update;
  create temporary table counted on commit drop as
    select h.id, h.chunk_id, h.created_at from knowledge.retrieval_hits h
    where h.tenant_id = tenant and h.id > since and h.id < ops.uuid7_floor(now() - interval '1 minute') order by h.id limit p_most;
  select count(*), max(id::text)::uuid into hits, until from counted;
  update knowledge.chunks k set access_count = k.access_count + c.n, last_accessed_at = greatest(k.last_accessed_at, c.at), updated_at = now()
    from (select chunk_id, count(*)::int as n, max(created_at) as at from counted group by 1) c where k.tenant_id = tenant and k.id = c.chunk_id;
  update knowledge.use_counts set counted_until = until where tenant_id = tenant and until is not null;
  drop table counted;
  return hits;
end $f$;

-- Computes importance and moves passages between tiers, the next so many after p_after; says where it came to, null at the end. Only what
-- changes is written: a passage's vector and its place in the indexes stay.
create function knowledge.move_tiers(p_after uuid, p_most int) returns uuid language plpgsql set search_path = pg_catalog, knowledge as $f$
declare
  tenant constant uuid := ops.tenant();
  last uuid; seen int;
begin
  create temporary table looked on commit drop as
    select k.id, k.tier, k.importance_score, k.importance_set, k.access_count, greatest(k.last_accessed_at, k.created_at) as used, k.created_at
    from knowledge.chunks k where k.tenant_id = tenant and k.id > p_after order by k.id limit p_most;
  select count(*), max(id::text)::uuid into seen, last from looked;
  with opinions as (
    select h.chunk_id, count(*) filter (where q.feedback_score = 1) as good, count(*) filter (where q.feedback_score = -1) as bad
    from knowledge.retrieval_queries q join knowledge.retrieval_hits h on h.tenant_id = q.tenant_id and h.query_id = q.id
    where q.tenant_id = tenant and q.feedback_score is not null and h.chunk_id in (select id from looked) group by 1),
  wanted as (
    select l.id, coalesce(l.importance_set, knowledge.importance(l.access_count, extract(epoch from now() - l.created_at) / 86400, coalesce(o.good, 0), coalesce(o.bad, 0))) as importance, l.used
    from looked l left join opinions o on o.chunk_id = l.id),
  placed as (
    select w.id, w.importance, case when w.used > now() - interval '30 days' then 'hot' when w.used > now() - interval '180 days' or w.importance >= 0.5 then 'warm' else 'cold' end as tier from wanted w)
  update knowledge.chunks k set importance_score = p.importance, tier = p.tier, updated_at = now()
    from placed p where k.tenant_id = tenant and k.id = p.id and (k.tier <> p.tier or abs(k.importance_score - p.importance) >= 0.01);
  drop table looked;
  if seen < p_most then
    update knowledge.use_counts set tiered_at = now() where tenant_id = tenant;
    return null;
  end if;
  return last;
end $f$;

-- A person's word on one passage; null takes it back.
create function knowledge.set_importance(p_chunk uuid, p_importance real) returns void language sql set search_path = pg_catalog, knowledge as $f$
  update knowledge.chunks k set importance_set = p_importance,
    importance_score = coalesce(p_importance, knowledge.importance(k.access_count, extract(epoch from now() - k.created_at) / 86400, 0, 0)), updated_at = now()
  where k.tenant_id = ops.tenant() and k.id = p_chunk;
$f$;

create table knowledge.embedding_cache (
  tenant_id uuid, id uuid not null, model_id uuid not null, text_hash bytea not null, embedding real[] not null, used_at timestamptz not null default now(), created_at timestamptz, updated_at timestamptz);
comment on table knowledge.embedding_cache is 'Vectors of texts that were embedded before, for this organisation alone';
comment on column knowledge.embedding_cache.model_id is 'The model';
comment on column knowledge.embedding_cache.text_hash is 'SHA-256 of the text with its purpose and everything of the model that decides about the vector';
comment on column knowledge.embedding_cache.embedding is 'The vector';
comment on column knowledge.embedding_cache.used_at is 'When it was last of use, to the day';
select ops.make_tenant_table('knowledge.embedding_cache');
create unique index embedding_cache_text on knowledge.embedding_cache (tenant_id, model_id, text_hash);
create index embedding_cache_age on knowledge.embedding_cache (tenant_id, used_at);

-- Organisations that have collections already; others get theirs with their first.
alter table knowledge.collections no force row level security;
alter table ops.schedules no force row level security;
insert into ops.schedules (tenant_id, id, kind, next_run_at, interval_seconds)
  select distinct c.tenant_id, gen_random_uuid(), 'knowledge.tiers', now() + interval '1 hour', 86400 from knowledge.collections c group by 1 on conflict do nothing;
alter table ops.schedules force row level security;
alter table knowledge.collections force row level security;

-- migrate:down
alter table ops.schedules no force row level security;
delete from ops.schedules where kind = 'knowledge.tiers';
alter table ops.schedules force row level security;
drop table knowledge.embedding_cache;
drop function knowledge.set_importance(uuid, real), knowledge.move_tiers(uuid, int), knowledge.count_uses(int), knowledge.importance(int, float8, bigint, bigint);
alter table knowledge.chunks drop column importance_set;
drop table knowledge.use_counts;
