-- How a collection's texts are cut: its own marks, and with which settings each revision was cut, so that what is cut otherwise is known.
-- migrate:up
alter table knowledge.collections
  add column chunk_separators text[] not null default '{}' check (cardinality(chunk_separators) <= 16),
  add column chunk_pattern text check (length(chunk_pattern) between 1 and 500);
comment on column knowledge.collections.chunk_separators is 'With custom: words a chunk begins with';
comment on column knowledge.collections.chunk_pattern is 'With custom: a pattern of what a chunk begins with';

-- One short name for all settings that decide how a text is cut. Not a function of the row: one would keep columns from being added.
create function knowledge.chunking_key(strategy text, size int, overlap int, unit text, combine int, new_after int, multipage boolean, separators text[], pattern text)
returns text language sql stable parallel safe set search_path = pg_catalog
return md5(jsonb_build_array(strategy, size, overlap, unit, combine, new_after, multipage,
  case when strategy = 'custom' then separators end, case when strategy = 'custom' then pattern end)::text);

alter table knowledge.document_revisions add column chunking_key text;
comment on column knowledge.document_revisions.chunking_key is 'Settings it was cut with, as knowledge.chunking_key names them';

-- What is here was cut with the settings of its time; nobody wrote them down, so those of today are taken for them.
alter table knowledge.collections no force row level security;
alter table knowledge.documents no force row level security;
alter table knowledge.document_revisions no force row level security, disable trigger user;
update knowledge.document_revisions r set chunking_key = knowledge.chunking_key(c.chunking_strategy, c.chunk_size, c.chunk_overlap, c.chunk_unit, c.combine_under_n_chars, c.new_after_n_chars, c.multipage_sections,
  c.chunk_separators, c.chunk_pattern) from knowledge.documents d join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
  where d.tenant_id = r.tenant_id and d.live_revision_id = r.id;
alter table knowledge.document_revisions force row level security, enable trigger user;
alter table knowledge.documents force row level security;
alter table knowledge.collections force row level security;

-- migrate:down
alter table knowledge.document_revisions drop column chunking_key;
drop function knowledge.chunking_key(text, int, int, text, int, int, boolean, text[], text);
alter table knowledge.collections drop column chunk_pattern, drop column chunk_separators;
