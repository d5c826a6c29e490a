-- Finding vector indexes that belong to no set any more; forgetting a person's collections is part of one act.
-- migrate:up
grant create on schema knowledge to lyceum_system;
select ops.let_system_cross('knowledge.embedding_sets', 'select');
create function knowledge.unknown_vector_indexes() returns setof text language sql stable set search_path = pg_catalog, knowledge as $f$
  select c.relname::text from pg_class c
  where c.relnamespace = 'knowledge'::regnamespace and c.relkind = 'i' and starts_with(c.relname, 'vectors_')
    and not exists (select from knowledge.embedding_sets s where c.relname = 'vectors_' || replace(s.id::text, '-', ''))
$f$;
select ops.cross_tenants('knowledge.unknown_vector_indexes()');

select iam.audit_by_act('knowledge.collections', 'collection', 'document_count,chunk_count,token_count,status'),
  iam.audit_by_act('knowledge.documents', 'document',
    'status,intake_step,intake_progress,error_code,error_message,attempts,chunk_count,total_tokens,page_count,language,processed_at,live_revision_id,extracted_text_object_id,content_type');

-- migrate:down
drop trigger act on knowledge.documents;
drop trigger audit on knowledge.documents;
drop trigger act on knowledge.collections;
drop trigger audit on knowledge.collections;
create trigger audit after insert or update or delete on knowledge.collections for each row execute function ops.audit_change('collection', 'document_count,chunk_count,token_count,status');
create trigger audit after insert or update or delete on knowledge.documents for each row execute function ops.audit_change('document',
  'status,intake_step,intake_progress,error_code,error_message,attempts,chunk_count,total_tokens,page_count,language,processed_at,live_revision_id,extracted_text_object_id,content_type');
drop function knowledge.unknown_vector_indexes();
drop policy system on knowledge.embedding_sets;
revoke select on knowledge.embedding_sets from lyceum_system;
revoke create on schema knowledge from lyceum_system;
