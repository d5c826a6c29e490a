import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "@/api";
import { Alert, buttonLook, Form, useAction } from "@/kit";
import { AuthFrame } from "./AuthFrame";
import { NewPassword } from "./NewPassword";
import { passwordFault } from "./words";

const route = getRouteApi("/reset");

export function ResetPasswordPage() {
  const { token } = route.useSearch();
  const action = useAction();
  const [{ password, again }, setBoth] = useState({ password: "", again: "" });
  const [isDone, setDone] = useState(false);
  if (isDone)
    return (
      <AuthFrame
        title="New password"
        heading="Your password is changed"
        about="Everywhere you were signed in, you are signed out now."
      >
        <Link to="/sign-in" className={buttonLook("primary")}>
          Sign in
        </Link>
      </AuthFrame>
    );
  return (
    <AuthFrame title="New password" heading="Choose a new password">
      {token ? (
        <Form
          action={action}
          submit="Change password"
          shown={["newPassword"]}
          disabled={passwordFault(password, again) !== null}
          onSubmit={async () => {
            await api.post("/iam/password/reset", { token, newPassword: password });
            setDone(true);
          }}
        >
          <NewPassword
            value={password}
            again={again}
            error={action.fields.newPassword}
            onChange={(value, repeated) => setBoth({ password: value, again: repeated })}
          />
        </Form>
      ) : (
        <Alert>This link is not whole. Open it again from the mail, or ask for a new one.</Alert>
      )}
      <Link to="/forgot" className={buttonLook("quiet")}>
        Ask for a new link
      </Link>
    </AuthFrame>
  );
}
