-- Who says where the organisation hears of work that ended badly; a change of it is one row of the log.
-- migrate:up
select iam.ship_permission('ops.alerts.manage', 'ops', 'Set up where alerts about failed background work go', 'tenant_admin');
select iam.audit_by_act('ops.alert_channels', 'alert_channel', 'addresses,last_delivered_at,failing_since,last_error');

-- migrate:down
drop trigger act on ops.alert_channels;
drop trigger audit on ops.alert_channels;
create trigger audit after insert or update or delete on ops.alert_channels for each row
  execute function ops.audit_change('alert_channel', 'addresses,last_delivered_at,failing_since,last_error');
alter table iam.role_permissions no force row level security;
delete from iam.role_permissions where permission_key = 'ops.alerts.manage';
alter table iam.role_permissions force row level security;
delete from iam.permissions where key = 'ops.alerts.manage';
