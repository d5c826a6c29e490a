-- An agent may search in every way that Knowledge knows.
-- migrate:up
alter table agents.agent_versions drop constraint agent_versions_retrieval_strategy_check;
alter table agents.agent_versions add constraint agent_versions_retrieval_strategy_check
  check (retrieval_strategy in ('hybrid', 'vector', 'lexical', 'mmr', 'multi_query', 'parent_child'));
comment on column agents.agent_versions.retrieval_strategy is 'How passages are searched; null for the way of the collection';

-- migrate:down
alter table agents.agent_versions drop constraint agent_versions_retrieval_strategy_check;
alter table agents.agent_versions no force row level security, disable trigger user;
update agents.agent_versions set retrieval_strategy = null where retrieval_strategy in ('mmr', 'multi_query', 'parent_child');
alter table agents.agent_versions force row level security, enable trigger user;
alter table agents.agent_versions add constraint agent_versions_retrieval_strategy_check check (retrieval_strategy in ('hybrid', 'vector', 'lexical'));
comment on column agents.agent_versions.retrieval_strategy is 'How passages are searched; null for hybrid';
