-- Models are remembered for a second by every process; whatever changes one, or who may use it, makes them forget.
-- migrate:up
create trigger tell after insert or update or delete on models.models for each statement execute function iam.tell_access();
create trigger tell after update or delete on models.providers for each statement execute function iam.tell_access();
create trigger tell after insert or update or delete on models.model_capabilities for each statement execute function iam.tell_access();
create trigger tell after insert or update or delete on models.model_defaults for each statement execute function iam.tell_access();
create trigger tell after insert or update or delete on iam.resource_shares for each statement execute function iam.tell_access();

-- migrate:down
drop trigger tell on iam.resource_shares;
drop trigger tell on models.model_defaults;
drop trigger tell on models.model_capabilities;
drop trigger tell on models.providers;
drop trigger tell on models.models;
