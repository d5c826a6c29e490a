-- What people do with conversations and think of answers is told in the audit log; what is said in them is not. Changes by
-- hand (title, collections, visibility) are told by the code that makes them, since answers change a title too.
-- migrate:up
create trigger audit after insert or update or delete on chat.conversations for each row
  execute function ops.audit_change('conversation', 'message_count,last_message_preview,last_message_at,active_leaf_id,summary,status,completed_at,title,context,visibility');
create trigger audit after insert or update or delete on chat.message_feedback for each row execute function ops.audit_change('message_feedback', '');

-- Forgetting a person is one act, whatever it takes away.
select iam.audit_by_act('chat.conversations', 'conversation', 'message_count,last_message_preview,last_message_at,active_leaf_id,summary,status,completed_at,title,context,visibility'),
  iam.audit_by_act('chat.message_feedback', 'message_feedback');

-- migrate:down
drop trigger act on chat.message_feedback;
drop trigger act on chat.conversations;
drop trigger audit on chat.message_feedback;
drop trigger audit on chat.conversations;
