-- Finding vector indexes that belong to no set any more.
-- migrate:up
grant create on schema knowledge to lyceum_system;
select ops.let_system_cross('knowledge.embedding_sets', 'select');
create function knowledge.unknown_vector_indexes() returns setof text language sql stable set search_path = pg_catalog, knowledge as $f$
  select c.relname::text from pg_class c
  where c.relnamespace = 'knowledge'::regnamespace and c.relkind = 'i' and starts_with(c.relname, 'vectors_')
    and not exists (select from knowledge.embedding_sets s where c.relname = 'vectors_' || replace(s.id::text, '-', ''))
$f$;
select ops.cross_tenants('knowledge.unknown_vector_indexes()');

-- migrate:down
drop function knowledge.unknown_vector_indexes();
drop policy system on knowledge.embedding_sets;
revoke select on knowledge.embedding_sets from lyceum_system;
revoke create on schema knowledge from lyceum_system;
