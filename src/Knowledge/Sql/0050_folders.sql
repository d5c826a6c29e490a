-- Folders: a tree over a collection, with each folder's path kept beside it, so that a subtree is found by its beginning.
-- migrate:up
create table knowledge.repositories (
  tenant_id uuid, id uuid not null, team_id uuid, collection_id uuid not null, name text not null check (length(name) between 1 and 200), description text check (length(description) <= 2000),
  created_by uuid, created_at timestamptz, updated_at timestamptz,
  foreign key (tenant_id, team_id) references iam.teams (tenant_id, id),
  foreign key (tenant_id, collection_id) references knowledge.collections (tenant_id, id) on delete cascade);
comment on table knowledge.repositories is 'The file tree over one collection';
comment on column knowledge.repositories.team_id is 'Team of its collection';
comment on column knowledge.repositories.collection_id is 'The collection whose documents stand in it';
comment on column knowledge.repositories.name is 'Name people see';
comment on column knowledge.repositories.description is 'What is in it';
comment on column knowledge.repositories.created_by is 'Who made it';
select ops.make_tenant_table('knowledge.repositories', audited => 'repository');
select iam.audit_by_act('knowledge.repositories', 'repository');
create unique index repositories_collection on knowledge.repositories (tenant_id, collection_id);
create index repositories_team on knowledge.repositories (tenant_id, team_id);

create table knowledge.folders (
  tenant_id uuid, id uuid not null, repository_id uuid not null, parent_id uuid, name text not null check (length(name) between 1 and 200 and name !~ '[/[:cntrl:]]' and name not in ('.', '..')),
  path text not null, depth int not null check (depth between 1 and 32), created_by uuid, created_at timestamptz, updated_at timestamptz,
  check (right(path, length(name)) = name),
  foreign key (tenant_id, repository_id) references knowledge.repositories (tenant_id, id) on delete cascade);
comment on table knowledge.folders is 'A folder of a repository; what stands in none stands at the top';
comment on column knowledge.folders.repository_id is 'Its tree';
comment on column knowledge.folders.parent_id is 'Folder it lies in; null at the top';
comment on column knowledge.folders.name is 'Its name, one of its kind in its place';
comment on column knowledge.folders.path is 'Names from the top down to it, each after a slash; changed with every move of a folder above, in the same transaction';
comment on column knowledge.folders.depth is 'Names in its path';
comment on column knowledge.folders.created_by is 'Who made it';
select ops.make_tenant_table('knowledge.folders', audited => 'folder');
select iam.audit_by_act('knowledge.folders', 'folder');
alter table knowledge.folders add foreign key (tenant_id, parent_id) references knowledge.folders (tenant_id, id) on delete cascade;
create unique index folders_name on knowledge.folders (tenant_id, repository_id, parent_id, name) nulls not distinct;
create index folders_parent on knowledge.folders (tenant_id, parent_id);
create index folders_path on knowledge.folders (tenant_id, repository_id, path text_pattern_ops);

-- Nothing wrote these before; whatever stands there points at nothing.
alter table knowledge.documents no force row level security, disable trigger user;
update knowledge.documents set folder_id = null, repository_id = null where folder_id is not null or repository_id is not null;
alter table knowledge.documents force row level security, enable trigger user;
-- A folder that goes takes the place of its documents away, and nothing else of them.
alter table knowledge.documents
  add foreign key (tenant_id, folder_id) references knowledge.folders (tenant_id, id) on delete set null (folder_id),
  add foreign key (tenant_id, repository_id) references knowledge.repositories (tenant_id, id) on delete set null (repository_id);
create index documents_folder on knowledge.documents (tenant_id, folder_id);
create index documents_repository on knowledge.documents (tenant_id, repository_id);

-- migrate:down
drop index knowledge.documents_repository, knowledge.documents_folder;
alter table knowledge.documents drop constraint documents_tenant_id_folder_id_fkey, drop constraint documents_tenant_id_repository_id_fkey;
drop table knowledge.folders, knowledge.repositories;
