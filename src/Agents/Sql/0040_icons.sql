-- Who may change agents; today that is their picture.
-- migrate:up
select iam.ship_permission('agents.agents.write', 'agents', 'Change agents and their pictures', 'team_editor');

-- migrate:down
alter table iam.role_permissions no force row level security;
delete from iam.role_permissions where permission_key = 'agents.agents.write';
alter table iam.role_permissions force row level security;
delete from iam.permissions where key = 'agents.agents.write';
