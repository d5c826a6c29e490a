-- Who hears of work that ended badly. Incidents are rows of the transaction in which it happened; gathering counts them per channel and reason.
-- migrate:up
create table ops.alert_channels (
  tenant_id uuid, id uuid not null, kind text not null check (kind in ('webhook', 'slack', 'mail')), name text not null check (length(name) between 1 and 100),
  host text, secret_id uuid, signing_secret_id uuid, addresses text[] not null default '{}',
  on_dead_jobs boolean not null default true, on_failed_documents boolean not null default true, is_enabled boolean not null default true,
  max_per_hour int not null default 6 check (max_per_hour between 1 and 60),
  last_delivered_at timestamptz, failing_since timestamptz, last_error text, created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, secret_id) references ops.secrets (tenant_id, id), foreign key (tenant_id, signing_secret_id) references ops.secrets (tenant_id, id));
comment on table ops.alert_channels is 'Where an organisation wants to hear of work that ended badly';
comment on column ops.alert_channels.kind is 'webhook (signed), slack (incoming webhook) or mail';
comment on column ops.alert_channels.name is 'What people call it';
comment on column ops.alert_channels.host is 'Host of the address, to recognise it by; null for mail';
comment on column ops.alert_channels.secret_id is 'The address of a webhook: whoever knows it can write there';
comment on column ops.alert_channels.signing_secret_id is 'Key that signs what a webhook is sent';
comment on column ops.alert_channels.addresses is 'Where mail goes';
comment on column ops.alert_channels.on_dead_jobs is 'Whether it hears of jobs whose attempts are used up';
comment on column ops.alert_channels.on_failed_documents is 'Whether it hears of documents that could not be taken in';
comment on column ops.alert_channels.is_enabled is 'Whether it hears of anything';
comment on column ops.alert_channels.max_per_hour is 'Alerts an hour; what is more waits for the next';
comment on column ops.alert_channels.last_delivered_at is 'When the receiver last took something';
comment on column ops.alert_channels.failing_since is 'First failure since then; null while deliveries succeed';
comment on column ops.alert_channels.last_error is 'Why the last delivery failed; null after one that succeeded';
select ops.make_tenant_table('ops.alert_channels', audited => 'alert_channel', ignored => '{addresses,last_delivered_at,failing_since,last_error}');
-- Deliveries do not make it another channel: its time of change is that of its settings.
drop trigger touch on ops.alert_channels;
create trigger touch before update of name, host, secret_id, signing_secret_id, addresses, on_dead_jobs, on_failed_documents, is_enabled, max_per_hour
  on ops.alert_channels for each row execute function ops.touch();
create index alert_channels_secret on ops.alert_channels (tenant_id, secret_id);
create index alert_channels_signing on ops.alert_channels (tenant_id, signing_secret_id);
select ops.let_system_cross('ops.alert_channels', 'select');

create table ops.alert_incidents (
  tenant_id uuid, id uuid not null, event text not null check (event in ('job.dead', 'document.failed')), reason text not null,
  subject_type text not null, subject_id uuid not null, subject_name text, collection_id uuid, code text not null, message text, created_at timestamptz);
comment on table ops.alert_incidents is 'What ended badly and was not counted yet; gone when it is';
comment on column ops.alert_incidents.event is 'job.dead or document.failed';
comment on column ops.alert_incidents.reason is 'What is the same for what died for the same reason: event, code, place, and the error without its numbers and names';
comment on column ops.alert_incidents.subject_type is 'job or document';
comment on column ops.alert_incidents.subject_id is 'The job or the document';
comment on column ops.alert_incidents.subject_name is 'What to call it; null where not everybody in the organisation may know';
comment on column ops.alert_incidents.collection_id is 'Collection of the document';
comment on column ops.alert_incidents.code is 'Type of the job, or code of the document''s error';
comment on column ops.alert_incidents.message is 'Why, in a sentence';
select ops.make_tenant_table('ops.alert_incidents');
select ops.let_system_cross('ops.alert_incidents');

create table ops.alert_groups (
  tenant_id uuid, id uuid not null, channel_id uuid not null, event text not null, reason text not null, collection_id uuid, code text not null, message text,
  pending int not null default 0, samples jsonb not null default '[]', first_at timestamptz not null, last_at timestamptz not null,
  told_at timestamptz, due_at timestamptz not null, created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, channel_id) references ops.alert_channels (tenant_id, id) on delete cascade);
comment on table ops.alert_groups is 'Per channel and reason: how many since the last alert that told of it';
comment on column ops.alert_groups.channel_id is 'Who is to hear';
comment on column ops.alert_groups.event is 'job.dead or document.failed';
comment on column ops.alert_groups.reason is 'See ops.alert_incidents.reason';
comment on column ops.alert_groups.collection_id is 'Collection of the documents';
comment on column ops.alert_groups.code is 'Type of the jobs, or code of the error';
comment on column ops.alert_groups.message is 'The last one''s sentence';
comment on column ops.alert_groups.pending is 'How many were not told yet';
comment on column ops.alert_groups.samples is 'The first few of these';
comment on column ops.alert_groups.first_at is 'When the first of these happened';
comment on column ops.alert_groups.last_at is 'When the last of these happened';
comment on column ops.alert_groups.told_at is 'Last alert that told of this reason';
comment on column ops.alert_groups.due_at is 'Not told before';
select ops.make_tenant_table('ops.alert_groups');
create unique index alert_groups_reason on ops.alert_groups (tenant_id, channel_id, reason);
create index alert_groups_due on ops.alert_groups (due_at) where pending > 0;
select ops.let_system_cross('ops.alert_groups', 'select');

create table ops.alerts (
  tenant_id uuid, id uuid not null, channel_id uuid not null, status text not null default 'sending' check (status in ('sending', 'delivered', 'failed')),
  content jsonb not null, reached text[] not null default '{}', error_message text, created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, channel_id) references ops.alert_channels (tenant_id, id) on delete cascade);
comment on table ops.alerts is 'What was or is to be told on a channel; its id is the same at every attempt';
comment on column ops.alerts.channel_id is 'Whom it is told';
comment on column ops.alerts.status is 'sending while it is tried; then delivered or failed';
comment on column ops.alerts.content is 'Counts, reasons and the first few of each';
comment on column ops.alerts.reached is 'Addresses that have it already';
comment on column ops.alerts.error_message is 'Why the last attempt failed';
select ops.make_tenant_table('ops.alerts');
create index alerts_channel on ops.alerts (tenant_id, channel_id, created_at);

-- A job that died is an event, and an incident where somebody wants to hear of it. Jobs of alerts themselves never are: nothing tells of itself for ever.
create or replace function ops.announce_dead_job() returns trigger language plpgsql set search_path = pg_catalog, ops as $f$
begin
  insert into ops.outbox_events (tenant_id, id, event_type, aggregate_type, aggregate_id, payload, correlation_id)
  values (new.tenant_id, ops.uuid7(), 'job.dead', 'job', new.id,
    jsonb_build_object('jobType', new.job_type, 'documentId', new.document_id, 'refId', new.ref_id, 'input', new.input, 'error', new.error_message), new.correlation_id);
  if new.queue <> 'alerts' then
    insert into ops.alert_incidents (tenant_id, id, event, reason, subject_type, subject_id, code, message)
    select new.tenant_id, ops.uuid7(), 'job.dead',
      'job.dead ' || new.job_type || ' ' || left(regexp_replace(coalesce(new.error_message, ''), '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|[0-9]+|“[^”]*”|"[^"]*"|''[^'']*''', '#', 'gi'), 200),
      'job', new.id, new.job_type, left(new.error_message, 500)
    where exists (select from ops.alert_channels c where c.tenant_id = new.tenant_id and c.is_enabled and c.on_dead_jobs);
  end if;
  return null;
end $f$;

-- Begins gathering for tenants where something waits to be counted or told. Called by the clockwork of every process; one job at a time for each tenant.
create function ops.fire_alerts() returns int language sql set search_path = pg_catalog, ops as $f$
  with due as (
    select tenant_id from ops.alert_incidents
    union
    select tenant_id from ops.alert_groups where pending > 0 and due_at <= now()),
  made as (
    insert into ops.jobs (tenant_id, id, queue, job_type, max_attempts, dedup_key)
    select tenant_id, ops.uuid7(), 'alerts', 'ops.alerts.gather', 5, 'gather' from due limit 200
    on conflict do nothing returning 1),
  called as (select pg_notify('lyceum', 'jobs:alerts') from (select 1 from made limit 1) m)
  select (select count(*) from made)::int + 0 * (select count(*) from called)::int
$f$;
select ops.cross_tenants('ops.fire_alerts()');

-- migrate:down
drop function ops.fire_alerts();
create or replace function ops.announce_dead_job() returns trigger language plpgsql set search_path = pg_catalog, ops as $f$
begin
  insert into ops.outbox_events (tenant_id, id, event_type, aggregate_type, aggregate_id, payload, correlation_id)
  values (new.tenant_id, ops.uuid7(), 'job.dead', 'job', new.id,
    jsonb_build_object('jobType', new.job_type, 'documentId', new.document_id, 'refId', new.ref_id, 'input', new.input, 'error', new.error_message), new.correlation_id);
  return null;
end $f$;
drop table ops.alerts;
drop table ops.alert_groups;
drop table ops.alert_incidents;
drop table ops.alert_channels;
