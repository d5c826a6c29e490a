-- With which model the vectors in hand were made, so that a model that changes in the middle mixes nothing.
-- migrate:up
alter table knowledge.pending_chunks add column embedding_model_id uuid;
comment on column knowledge.pending_chunks.embedding_model_id is 'Model its vector was made with';

-- migrate:down
alter table knowledge.pending_chunks drop column embedding_model_id;
