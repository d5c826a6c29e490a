-- Adding or changing a model, with its key and what it can do, is one act and one audit row.
-- migrate:up
select iam.audit_by_act('models.models', 'model', 'last_tested_at,last_test_ok,last_test_error'), iam.audit_by_act('models.model_capabilities', 'model_capability');

-- migrate:down
drop trigger act on models.models;
drop trigger act on models.model_capabilities;
drop trigger audit on models.models;
drop trigger audit on models.model_capabilities;
create trigger audit after insert or update or delete on models.models for each row execute function ops.audit_change('model', 'last_tested_at,last_test_ok,last_test_error');
create trigger audit after insert or update or delete on models.model_capabilities for each row execute function ops.audit_change('model_capability', '');
