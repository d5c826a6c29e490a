import { useState } from "react";
import { api } from "@/api";
import { queryClient } from "@/app/queries";
import { Card, Field, Form, Input, Section, toast, useAction } from "@/kit";
import { NewPassword } from "../../sign-in/NewPassword";
import { passwordFault } from "../../sign-in/words";
import { sessionsKey } from "./Sessions";

const empty = { current: "", password: "", again: "" };

export function ChangePassword() {
  const action = useAction();
  const [draft, setDraft] = useState(empty);
  const save = async () => {
    await api.post("/iam/me/password", { currentPassword: draft.current, newPassword: draft.password });
    setDraft(empty);
    toast.success("Your password is changed. Your other sessions have ended.");
    await queryClient.invalidateQueries({ queryKey: sessionsKey });
  };
  return (
    <Section title="Password" description="Changing it signs you out everywhere else.">
      <Card>
        <Form
          action={action}
          submit="Change password"
          className="max-w-md"
          shown={["currentPassword", "newPassword"]}
          disabled={!draft.current || passwordFault(draft.password, draft.again) !== null}
          onSubmit={save}
        >
          <Field label="Current password" error={action.fields.currentPassword}>
            <Input
              type="password"
              autoComplete="current-password"
              maxLength={1000}
              value={draft.current}
              onChange={(event) => setDraft({ ...draft, current: event.target.value })}
            />
          </Field>
          <NewPassword
            value={draft.password}
            again={draft.again}
            error={action.fields.newPassword}
            onChange={(password, again) => setDraft({ ...draft, password, again })}
          />
        </Form>
      </Card>
    </Section>
  );
}
