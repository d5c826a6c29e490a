-- Every step is written twice, when it begins and when it ends; with room on its page the second needs no index entries.
-- migrate:up
alter table agents.run_steps set (fillfactor = 70);

-- migrate:down
alter table agents.run_steps reset (fillfactor);
