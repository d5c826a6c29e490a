-- Postings of a publication are merged into the index together: one descent for each stem instead of one for each stem of each chunk.
-- migrate:up
alter index knowledge.chunks_terms set (fastupdate = on);
-- Only an index's owner may ask for it. Reads and shows nothing.
create function knowledge.merge_postings() returns void language sql security definer set search_path = pg_catalog, knowledge
as $f$ select gin_clean_pending_list('knowledge.chunks_terms'::regclass) $f$;
revoke all on function knowledge.merge_postings() from public;
grant execute on function knowledge.merge_postings() to lyceum_app;

-- migrate:down
drop function knowledge.merge_postings();
alter index knowledge.chunks_terms set (fastupdate = off);
