-- Sound and films: what was said in them, piece by piece, and when each passage was said.
-- migrate:up
alter table knowledge.documents drop constraint documents_intake_step_check;
alter table knowledge.documents add constraint documents_intake_step_check check (intake_step in ('read', 'transcribe', 'split', 'embed', 'publish')) not valid;

alter table knowledge.pending_chunks add column start_seconds numeric(10,3), add column end_seconds numeric(10,3);
comment on column knowledge.pending_chunks.start_seconds is 'When its first word is said; null where nothing is heard';
comment on column knowledge.pending_chunks.end_seconds is 'When its last word is said';
alter table knowledge.retired_chunks add column start_seconds numeric(10,3), add column end_seconds numeric(10,3);
comment on column knowledge.retired_chunks.start_seconds is 'When its first word is said; null where nothing is heard';
comment on column knowledge.retired_chunks.end_seconds is 'When its last word is said';

create table knowledge.media_assets (
  tenant_id uuid, id uuid not null, document_id uuid not null, duration_seconds numeric(10,3) check (duration_seconds >= 0), language text check (length(language) <= 35),
  forced_language text check (length(forced_language) <= 35), chunk_min_seconds int not null default 30 check (chunk_min_seconds between 1 and 3600),
  chunk_max_seconds int not null default 120 check (chunk_max_seconds between 5 and 3600), chunk_overlap_seconds int not null default 5 check (chunk_overlap_seconds between 0 and 600),
  created_at timestamptz, updated_at timestamptz,
  check (chunk_min_seconds <= chunk_max_seconds and chunk_overlap_seconds * 2 <= chunk_max_seconds),
  foreign key (tenant_id, document_id) references knowledge.documents (tenant_id, id) on delete cascade);
comment on table knowledge.media_assets is 'What is known of a document that is sound or film, and how its transcript is made and cut';
comment on column knowledge.media_assets.document_id is 'The document';
comment on column knowledge.media_assets.duration_seconds is 'How long it is; null until it was listened to';
comment on column knowledge.media_assets.language is 'Language the transcription heard';
comment on column knowledge.media_assets.forced_language is 'Language it is listened to in, whatever it seems to be; null to let the model find out';
comment on column knowledge.media_assets.chunk_min_seconds is 'A passage is at least this long where there is enough';
comment on column knowledge.media_assets.chunk_max_seconds is 'And at most this long';
comment on column knowledge.media_assets.chunk_overlap_seconds is 'How much of the passage before is said again, in whole utterances';
select ops.make_tenant_table('knowledge.media_assets');
create unique index media_assets_document on knowledge.media_assets (tenant_id, document_id);

-- Work in hand, as pending chunks are: what was heard in each piece of a revision, so that a killed worker's work is not paid for twice. Emptied when the transcript is kept.
create table knowledge.media_pieces (
  tenant_id uuid, id uuid not null, revision_id uuid not null, piece int not null check (piece >= 0), heard jsonb not null, created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, revision_id) references knowledge.document_revisions (tenant_id, id) on delete cascade);
comment on table knowledge.media_pieces is 'What was heard in pieces of recordings that are still being transcribed';
comment on column knowledge.media_pieces.revision_id is 'The revision';
comment on column knowledge.media_pieces.piece is 'Which piece, from 0';
comment on column knowledge.media_pieces.heard is 'The utterances with their times, as the model told them';
select ops.make_tenant_table('knowledge.media_pieces');
create unique index media_pieces_place on knowledge.media_pieces (tenant_id, revision_id, piece);

-- migrate:down
drop table knowledge.media_pieces, knowledge.media_assets;
alter table knowledge.retired_chunks drop column end_seconds, drop column start_seconds;
alter table knowledge.pending_chunks drop column end_seconds, drop column start_seconds;
update knowledge.documents set intake_step = 'read' where intake_step = 'transcribe';
alter table knowledge.documents drop constraint documents_intake_step_check;
alter table knowledge.documents add constraint documents_intake_step_check check (intake_step in ('read', 'split', 'embed', 'publish'));
