-- An index of which much was taken out is built anew: the graph of what is left finds less.
-- migrate:up
alter table knowledge.embedding_sets add column index_removed int not null default 0 check (index_removed >= 0);
comment on column knowledge.embedding_sets.index_removed is 'Vectors that were removed with their documents since its index was built; a fifth of the set has it built anew';

-- migrate:down
alter table knowledge.embedding_sets drop column index_removed;
