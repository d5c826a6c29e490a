-- When a cited passage of a recording is said.
-- migrate:up
alter table chat.message_sources add column start_seconds double precision, add column end_seconds double precision;
comment on column chat.message_sources.start_seconds is 'When the passage begins in its recording, in seconds; null where nothing is heard';
comment on column chat.message_sources.end_seconds is 'When it ends';

-- migrate:down
alter table chat.message_sources drop column end_seconds, drop column start_seconds;
