-- What a passage speaks of, and summaries that its vector is made with.
-- migrate:up
alter table knowledge.collections add column summarise boolean not null default false;
comment on column knowledge.collections.summarise is 'Whether a language model summarises each passage before it is embedded';

alter table knowledge.pending_chunks add column facts jsonb not null default '{}', add column summary text;
comment on column knowledge.pending_chunks.facts is 'Mentions, links, keywords and importance found in its text';
comment on column knowledge.pending_chunks.summary is 'What a language model made of it; null where none was asked or it was away';

alter table knowledge.chunks add column summary text;
comment on column knowledge.chunks.summary is 'What a language model made of it, which its vector was made with; what is quoted is always the content';
comment on column knowledge.chunks.metadata is 'Mentions, links, keywords and importance found in its text';

-- Vectors made with summaries are others, so that switching them on or off leaves something to do. A collection without them keeps its name.
drop function knowledge.chunking_key(text, int, int, text, int, int, boolean, text[], text);
create function knowledge.chunking_key(strategy text, size int, overlap int, unit text, combine int, new_after int, multipage boolean, separators text[], pattern text, summarise boolean)
returns text language sql stable parallel safe set search_path = pg_catalog
return md5(jsonb_build_array(strategy, size, overlap, unit, combine, new_after, multipage,
  case when strategy = 'custom' then separators end, case when strategy = 'custom' then pattern end)::text || case when summarise then '+summaries' else '' end);

-- migrate:down
drop function knowledge.chunking_key(text, int, int, text, int, int, boolean, text[], text, boolean);
create function knowledge.chunking_key(strategy text, size int, overlap int, unit text, combine int, new_after int, multipage boolean, separators text[], pattern text)
returns text language sql stable parallel safe set search_path = pg_catalog
return md5(jsonb_build_array(strategy, size, overlap, unit, combine, new_after, multipage,
  case when strategy = 'custom' then separators end, case when strategy = 'custom' then pattern end)::text);
comment on column knowledge.chunks.metadata is 'Facts about the piece';
alter table knowledge.chunks drop column summary;
alter table knowledge.pending_chunks drop column summary, drop column facts;
alter table knowledge.collections drop column summarise;
