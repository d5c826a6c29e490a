import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "@/api";
import { buttonLook, Field, Form, Input, useAction } from "@/kit";
import { AuthFrame } from "./AuthFrame";

export function ForgotPasswordPage() {
  const action = useAction();
  const [email, setEmail] = useState("");
  const [isSent, setSent] = useState(false);
  const back = (
    <Link to="/sign-in" className={buttonLook("quiet")}>
      Back to sign-in
    </Link>
  );
  if (isSent)
    return (
      <AuthFrame title="Forgot password" heading="Look into your mail">
        <p role="status" className="text-sm text-soft">
          If <strong className="font-medium break-words text-ink">{email.trim()}</strong> has an account here,
          a link to choose a new password is on its way. It can be used once and only for a short time.
          Without it, an administrator of your organisation can help.
        </p>
        {back}
      </AuthFrame>
    );
  return (
    <AuthFrame
      title="Forgot password"
      heading="Choose a new password"
      about="We send a link to the address of your account."
    >
      <Form
        action={action}
        submit="Send the link"
        shown={["email"]}
        onSubmit={async () => {
          await api.post("/iam/password/forgot", { email: email.trim() });
          setSent(true);
        }}
      >
        <Field label="Email" error={action.fields.email}>
          <Input
            type="email"
            autoComplete="username"
            required
            autoFocus
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        </Field>
      </Form>
      {back}
    </AuthFrame>
  );
}
