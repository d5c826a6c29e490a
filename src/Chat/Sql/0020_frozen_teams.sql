-- In a frozen team nothing is begun: no collection, no model, no conversation, and none goes on. Changing what is there is refused where access is
-- decided (iam, Viewer); these hold every way in, of this room and those below it.
-- migrate:up
create trigger a_frozen before insert or update of team_id on knowledge.collections for each row execute function iam.hold_frozen();
create trigger a_frozen before insert or update of team_id on models.models for each row when (new.team_id is not null) execute function iam.hold_frozen();
create trigger a_frozen before insert or update of team_id, title, visibility, context on chat.conversations for each row when (new.team_id is not null) execute function iam.hold_frozen();
create function chat.hold_frozen_message() returns trigger language plpgsql set search_path = pg_catalog, chat as $f$
begin
  perform iam.refuse_frozen(c.tenant_id, c.team_id) from chat.conversations c where c.tenant_id = new.tenant_id and c.id = new.conversation_id and c.team_id is not null;
  return new;
end $f$;
create trigger a_frozen before insert on chat.messages for each row execute function chat.hold_frozen_message();

-- migrate:down
drop trigger a_frozen on chat.messages;
drop function chat.hold_frozen_message();
drop trigger a_frozen on chat.conversations;
drop trigger a_frozen on models.models;
drop trigger a_frozen on knowledge.collections;
