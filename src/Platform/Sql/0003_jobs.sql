-- Background work: jobs, schedules and the outbox. All three cross tenants only through the functions at the end.
-- migrate:up
create table ops.jobs (
  tenant_id uuid, id uuid not null, queue text not null, job_type text not null,
  raw_event_id uuid, document_id uuid, ref_type text, ref_id uuid,
  status text not null default 'pending' check (status in ('pending', 'running', 'completed', 'failed', 'dead')),
  priority int not null default 0, input jsonb, output jsonb, error_message text,
  attempts int not null default 0, max_attempts int not null default 5 check (max_attempts between 1 and 100),
  run_after timestamptz not null default now(), lease_owner text, lease_until timestamptz, dedup_key text, correlation_id text,
  started_at timestamptz, completed_at timestamptz, duration_ms int, created_at timestamptz, updated_at timestamptz)
  with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
comment on table ops.jobs is 'Background work, claimed in batches with a lease';
comment on column ops.jobs.queue is 'Lane of the work: each queue has its own workers';
comment on column ops.jobs.job_type is 'Which handler runs it';
comment on column ops.jobs.raw_event_id is 'Raw event this job processes';
comment on column ops.jobs.document_id is 'Document this job processes';
comment on column ops.jobs.ref_type is 'Kind of the thing this job is about';
comment on column ops.jobs.ref_id is 'The thing this job is about';
comment on column ops.jobs.status is 'pending, running under a lease, completed, failed (cancelled because its subject is gone), or dead (attempts used up; can be replayed)';
comment on column ops.jobs.priority is 'Higher runs first within a tenant';
comment on column ops.jobs.input is 'What the handler is given';
comment on column ops.jobs.output is 'What the handler left';
comment on column ops.jobs.error_message is 'Why the last attempt failed';
comment on column ops.jobs.attempts is 'Attempts begun';
comment on column ops.jobs.max_attempts is 'Attempts allowed before the job is dead';
comment on column ops.jobs.run_after is 'Not before this time';
comment on column ops.jobs.lease_owner is 'Process that runs it';
comment on column ops.jobs.lease_until is 'When the lease ends unless renewed; database time';
comment on column ops.jobs.dedup_key is 'At most one pending or running job of a tenant and queue has this key';
comment on column ops.jobs.correlation_id is 'The request that asked for it';
comment on column ops.jobs.started_at is 'Start of the last attempt';
comment on column ops.jobs.completed_at is 'When it ended, well or dead';
comment on column ops.jobs.duration_ms is 'How long the last attempt took';
select ops.make_tenant_table('ops.jobs');
-- touch() is an update in the update: the queue sets updated_at in its own statements.
drop trigger touch on ops.jobs;
create index jobs_pending on ops.jobs (queue, tenant_id, priority desc, run_after, id) where status = 'pending';
create index jobs_running on ops.jobs (queue, tenant_id) where status = 'running';
create index jobs_ended on ops.jobs (completed_at) where status in ('completed', 'failed');
create index jobs_dead on ops.jobs (tenant_id, completed_at desc) where status = 'dead';
create index jobs_document on ops.jobs (tenant_id, document_id) where document_id is not null and status in ('pending', 'running', 'dead');
create unique index jobs_dedup on ops.jobs (tenant_id, queue, dedup_key) where status in ('pending', 'running') and dedup_key is not null;
select ops.let_system_cross('ops.jobs');

create table ops.schedules (
  tenant_id uuid, id uuid not null, kind text not null, ref_id uuid, next_run_at timestamptz not null,
  interval_seconds int not null check (interval_seconds >= 1), payload jsonb, lease_owner text, lease_until timestamptz, last_error text,
  last_run_at timestamptz, created_at timestamptz, updated_at timestamptz);
comment on table ops.schedules is 'Recurring work: when a slot is due, exactly one job is made for it';
comment on column ops.schedules.kind is 'Job type to enqueue';
comment on column ops.schedules.ref_id is 'The thing the work is about';
comment on column ops.schedules.next_run_at is 'The next slot';
comment on column ops.schedules.interval_seconds is 'Distance of two slots; slots missed while nothing ran are run once';
comment on column ops.schedules.payload is 'Input of the job; member "queue" names its queue';
comment on column ops.schedules.lease_owner is 'Process that fired the last slot';
comment on column ops.schedules.lease_until is 'Unused by slots, which are exact by their row lock; kept for long-held schedules';
comment on column ops.schedules.last_error is 'Why the last slot could not be fired';
comment on column ops.schedules.last_run_at is 'The last slot fired';
select ops.make_tenant_table('ops.schedules');
create unique index schedules_once on ops.schedules (tenant_id, kind, ref_id) nulls not distinct;
create index schedules_due on ops.schedules (next_run_at);
select ops.let_system_cross('ops.schedules');

create table ops.outbox_events (
  tenant_id uuid, id uuid not null, event_type text not null, aggregate_type text not null, aggregate_id uuid not null,
  payload jsonb not null default '{}', published_at timestamptz, attempts int not null default 0, correlation_id text, created_at timestamptz);
comment on table ops.outbox_events is 'What happened, written in the transaction in which it happened; each subscriber gets a job';
comment on column ops.outbox_events.event_type is 'Dotted name such as run.finished';
comment on column ops.outbox_events.aggregate_type is 'Kind of the thing it happened to';
comment on column ops.outbox_events.aggregate_id is 'The thing it happened to';
comment on column ops.outbox_events.payload is 'Facts a subscriber needs, small';
comment on column ops.outbox_events.published_at is 'When its jobs were made; null while it waits';
comment on column ops.outbox_events.attempts is 'How often publishing was tried';
comment on column ops.outbox_events.correlation_id is 'The request in which it happened';
select ops.make_tenant_table('ops.outbox_events');
create index outbox_waiting on ops.outbox_events (id) where published_at is null;
create index outbox_done on ops.outbox_events (published_at) where published_at is not null;
select ops.let_system_cross('ops.outbox_events');

-- Claims up to p_batch jobs of one queue. Tenants take turns: the walk over tenants with pending work starts after
-- p_after, and each that may run more gets an equal share, so one tenant's thousand jobs do not delay another's one, and
-- tenants at their limit cost the others no turn. Claims of a queue are one after the other (advisory lock): that keeps the
-- per-tenant limit exact; skip locked is for finishing workers. The walk asks for the whole order of jobs_pending so that the
-- planner cannot take the primary key for it, which would read through every ended job of a tenant.
create function ops.claim_jobs(p_queue text, p_node text, p_batch int, p_lease_seconds int, p_tenant_limit int, p_after uuid)
returns table (job_id uuid, job_tenant uuid, kind text, about_type text, about uuid, document uuid, job_input text, attempt int, attempts_max int, correlation text)
language plpgsql set search_path = pg_catalog, ops set plan_cache_mode = force_custom_plan as $f$
begin
  -- A claim that a crash of the database forgets is a job that is claimed again: not worth waiting for the disk.
  perform set_config('synchronous_commit', 'off', true);
  perform pg_advisory_xact_lock(hashtext('ops.claim_jobs'), hashtext(p_queue));
  return query
  with recursive busy as materialized (
    select r.tenant_id, count(*)::int as jobs from ops.jobs r where r.queue = p_queue and r.status = 'running' group by r.tenant_id),
  later as (
    (select j.tenant_id, 1 as visited, (not exists (select from busy b where b.tenant_id = j.tenant_id and b.jobs >= p_tenant_limit))::int as open
     from ops.jobs j
     where j.queue = p_queue and j.status = 'pending' and j.run_after <= now() and j.tenant_id > p_after order by j.tenant_id, j.priority desc, j.run_after, j.id limit 1)
    union all
    select n.tenant_id, later.visited + 1, later.open + (not exists (select from busy b where b.tenant_id = n.tenant_id and b.jobs >= p_tenant_limit))::int
    from later, lateral (
      select j.tenant_id from ops.jobs j
      where j.queue = p_queue and j.status = 'pending' and j.run_after <= now() and j.tenant_id > later.tenant_id order by j.tenant_id, j.priority desc, j.run_after, j.id limit 1) n
    where later.visited < 1000 and later.open < least(p_batch, 64)),
  earlier as (
    (select j.tenant_id, 1 as visited,
       (select coalesce(max(l.open), 0) from later l) + (not exists (select from busy b where b.tenant_id = j.tenant_id and b.jobs >= p_tenant_limit))::int as open
     from ops.jobs j
     where j.queue = p_queue and j.status = 'pending' and j.run_after <= now() and j.tenant_id <= p_after order by j.tenant_id, j.priority desc, j.run_after, j.id limit 1)
    union all
    select n.tenant_id, earlier.visited + 1, earlier.open + (not exists (select from busy b where b.tenant_id = n.tenant_id and b.jobs >= p_tenant_limit))::int
    from earlier, lateral (
      select j.tenant_id from ops.jobs j
      where j.queue = p_queue and j.status = 'pending' and j.run_after <= now() and j.tenant_id > earlier.tenant_id and j.tenant_id <= p_after order by j.tenant_id, j.priority desc, j.run_after, j.id limit 1) n
    where earlier.visited < 1000 and earlier.open < least(p_batch, 64)),
  turns as (
    select t.tenant_id, row_number() over (order by t.pass, t.tenant_id) as turn, p_tenant_limit - coalesce(b.jobs, 0) as room
    from (select l.tenant_id, 1 as pass from later l union all select e.tenant_id, 2 from earlier e) t left join busy b using (tenant_id)
    where coalesce(b.jobs, 0) < p_tenant_limit
    limit least(p_batch, 64)),
  picked as (
    select p.tenant_id, p.id, t.turn from turns t, lateral (
      select j.tenant_id, j.id from ops.jobs j
      where j.queue = p_queue and j.tenant_id = t.tenant_id and j.status = 'pending' and j.run_after <= now()
      order by j.priority desc, j.run_after, j.id
      limit least(t.room, ceil(p_batch::numeric / (select count(*) from turns))::int) for update skip locked) p
    limit p_batch),
  claimed as (
    update ops.jobs j set status = 'running', attempts = j.attempts + 1, lease_owner = p_node,
      lease_until = now() + make_interval(secs => p_lease_seconds), started_at = clock_timestamp(), updated_at = now()
    from picked where j.tenant_id = picked.tenant_id and j.id = picked.id
    returning j.*, picked.turn)
  select c.id, c.tenant_id, c.job_type, c.ref_type, c.ref_id, c.document_id, c.input::text, c.attempts, c.max_attempts, c.correlation_id
  -- One of each tenant, then the second of each …; the last row is of the tenant after which the next walk starts.
  from (select claimed.*, row_number() over (partition by claimed.tenant_id order by claimed.priority desc, claimed.run_after, claimed.id) as nth from claimed) c
  order by c.nth, c.turn;
end $f$;
select ops.cross_tenants('ops.claim_jobs(text, text, int, int, int, uuid)');

-- Ends attempts that this node still holds: a null error completes, a text fails the attempt (again later with backoff and
-- jitter, or dead when attempts are used up), released gives the job back as if it had not been claimed. Returns the ids it
-- ended; an attempt that was taken over is not among them, even when the same node claimed the job again.
create function ops.finish_jobs(p_node text, p_tenants uuid[], p_ids uuid[], p_attempts int[], p_errors text[], p_final boolean[], p_released boolean[]) returns setof uuid
language sql set search_path = pg_catalog, ops as $f$
  with ended as (
    update ops.jobs j set
      status = case when f.released then 'pending' when f.error is null then 'completed' when f.final or j.attempts >= j.max_attempts then 'dead' else 'pending' end,
      attempts = j.attempts - f.released::int,
      error_message = f.error, lease_owner = null, lease_until = null,
      -- 2, 4, 8 … seconds, at most 10 minutes, each between half and whole
      run_after = case when f.error is null then j.run_after else now() + make_interval(secs => least(600, power(2, least(j.attempts, 12))) * (0.5 + random() / 2)) end,
      completed_at = case when not f.released and (f.error is null or f.final or j.attempts >= j.max_attempts) then now() end,
      duration_ms = (extract(epoch from clock_timestamp() - j.started_at) * 1000)::int, updated_at = now()
    from unnest(p_tenants, p_ids, p_attempts, p_errors, p_final, p_released) f(tenant_id, id, attempt, error, final, released)
    where j.tenant_id = f.tenant_id and j.id = f.id and j.status = 'running' and j.lease_owner = p_node and j.attempts = f.attempt
    returning j.id, j.queue, f.released),
  called as (select pg_notify('lyceum', 'jobs:' || queue) from (select distinct queue from ended where released) q)
  select id from ended where (select count(*) from called) >= 0
$f$;
select ops.cross_tenants('ops.finish_jobs(text, uuid[], uuid[], int[], text[], boolean[], boolean[])');

-- A job that died is an event: the room whose work it was says so where people look.
create function ops.announce_dead_job() returns trigger language plpgsql set search_path = pg_catalog, ops as $f$
begin
  insert into ops.outbox_events (tenant_id, id, event_type, aggregate_type, aggregate_id, payload, correlation_id)
  values (new.tenant_id, ops.uuid7(), 'job.dead', 'job', new.id,
    jsonb_build_object('jobType', new.job_type, 'documentId', new.document_id, 'refId', new.ref_id, 'input', new.input, 'error', new.error_message), new.correlation_id);
  return null;
end $f$;
create trigger announce_dead after update of status on ops.jobs for each row when (new.status = 'dead' and old.status <> 'dead') execute function ops.announce_dead_job();

-- Renews leases; an attempt missing from the answer was taken over and its worker must stop.
create function ops.extend_job_leases(p_node text, p_tenants uuid[], p_ids uuid[], p_attempts int[], p_lease_seconds int) returns setof uuid
language sql set search_path = pg_catalog, ops as $f$
  update ops.jobs j set lease_until = now() + make_interval(secs => p_lease_seconds)
  from unnest(p_tenants, p_ids, p_attempts) f(tenant_id, id, attempt)
  where j.tenant_id = f.tenant_id and j.id = f.id and j.status = 'running' and j.lease_owner = p_node and j.attempts = f.attempt returning j.id
$f$;
select ops.cross_tenants('ops.extend_job_leases(text, uuid[], uuid[], int[], int)');

-- Gives jobs whose worker died back to the queue, or ends them when attempts are used up. Returns how many.
create function ops.reap_jobs() returns int language sql set search_path = pg_catalog, ops as $f$
  with lost as (
    select tenant_id, id from ops.jobs where status = 'running' and lease_until < now() order by lease_until limit 500 for update skip locked),
  done as (
    update ops.jobs j set
      status = case when j.attempts >= j.max_attempts then 'dead' else 'pending' end,
      error_message = 'The process that ran this job stopped before it finished.',
      lease_owner = null, lease_until = null, run_after = now(),
      completed_at = case when j.attempts >= j.max_attempts then now() end, updated_at = now()
    from lost where j.tenant_id = lost.tenant_id and j.id = lost.id returning j.queue)
  select count(*)::int from (select pg_notify('lyceum', 'jobs:' || queue) from (select distinct queue from done) q) n
$f$;
select ops.cross_tenants('ops.reap_jobs()');

-- Fires due schedules: one job per slot, next slot set in the same transaction, so no slot runs twice or is lost.
create function ops.fire_schedules(p_node text) returns int language plpgsql set search_path = pg_catalog, ops as $f$
declare
  due ops.schedules; fired int := 0; queue_name text;
begin
  for due in select * from ops.schedules where next_run_at <= now() order by next_run_at limit 100 for update skip locked loop
    queue_name := coalesce(due.payload ->> 'queue', 'maintenance');
    insert into ops.jobs (tenant_id, id, queue, job_type, ref_id, input, max_attempts, dedup_key)
    values (due.tenant_id, ops.uuid7(), queue_name, due.kind, due.ref_id, due.payload, 3, due.kind || ':' || coalesce(due.ref_id::text, ''))
    on conflict do nothing;
    update ops.schedules set last_run_at = due.next_run_at, lease_owner = p_node,
      next_run_at = due.next_run_at + make_interval(secs => due.interval_seconds
        * (floor(extract(epoch from now() - due.next_run_at) / due.interval_seconds) + 1))
    where tenant_id = due.tenant_id and id = due.id;
    perform pg_notify('lyceum', 'jobs:' || queue_name);
    fired := fired + 1;
  end loop;
  return fired;
end $f$;
select ops.cross_tenants('ops.fire_schedules(text)');

-- Turns waiting events into one job per subscriber. p_subscriptions: {"event.type": ["subscriber", …]}.
create function ops.publish_events(p_subscriptions jsonb, p_limit int) returns int language sql set search_path = pg_catalog, ops as $f$
  with waiting as (
    select tenant_id, id, event_type, aggregate_type, aggregate_id, payload, correlation_id from ops.outbox_events
    where published_at is null order by id limit p_limit for update skip locked),
  made as (
    insert into ops.jobs (tenant_id, id, queue, job_type, ref_type, ref_id, input, dedup_key, correlation_id, max_attempts)
    select w.tenant_id, ops.uuid7(), 'events', 'event:' || s, w.aggregate_type, w.aggregate_id,
      jsonb_build_object('eventId', w.id, 'eventType', w.event_type, 'payload', w.payload), w.id || ':' || s, w.correlation_id, 10
    from waiting w, jsonb_array_elements_text(p_subscriptions -> w.event_type) s
    returning 1),
  marked as (
    update ops.outbox_events o set published_at = now(), attempts = o.attempts + 1
    from waiting w where o.tenant_id = w.tenant_id and o.id = w.id returning 1)
  select (select count(*) from marked)::int + 0 * (select count(*) from made)::int
    + 0 * (select count(*) from (select pg_notify('lyceum', 'jobs:events') where exists (select from waiting)) n)::int
$f$;
select ops.cross_tenants('ops.publish_events(jsonb, int)');

-- Deletes ended jobs and published events past their days. Batches, so that no lock is held long. Returns how many rows went.
create function ops.sweep_jobs(p_keep_days int) returns int language sql set search_path = pg_catalog, ops as $f$
  with old_jobs as (delete from ops.jobs where id in (select id from ops.jobs where status in ('completed', 'failed')
      and completed_at < now() - make_interval(days => p_keep_days) limit 5000) returning 1),
  old_events as (delete from ops.outbox_events where (tenant_id, id) in (select tenant_id, id from ops.outbox_events
      where published_at < now() - make_interval(days => p_keep_days) limit 5000) returning 1)
  select (select count(*) from old_jobs)::int + (select count(*) from old_events)::int
$f$;
select ops.cross_tenants('ops.sweep_jobs(int)');

-- Depth and age of each queue, for metrics and readiness. Counts only, nothing of a tenant.
create function ops.queue_depths() returns table (queue text, status text, jobs bigint, oldest_seconds int)
language sql stable set search_path = pg_catalog, ops as $f$
  select queue, status, count(*), coalesce(extract(epoch from now() - min(run_after))::int, 0)
  from ops.jobs where status in ('pending', 'running', 'dead') group by queue, status
$f$;
select ops.cross_tenants('ops.queue_depths()');

-- migrate:down
drop function ops.queue_depths();
drop function ops.sweep_jobs(int);
drop function ops.publish_events(jsonb, int);
drop function ops.fire_schedules(text);
drop function ops.reap_jobs();
drop function ops.extend_job_leases(text, uuid[], uuid[], int[], int);
drop function ops.finish_jobs(text, uuid[], uuid[], int[], text[], boolean[], boolean[]);
drop function ops.claim_jobs(text, text, int, int, int, uuid);
drop table ops.outbox_events;
drop table ops.schedules;
drop table ops.jobs;
drop function ops.announce_dead_job();
