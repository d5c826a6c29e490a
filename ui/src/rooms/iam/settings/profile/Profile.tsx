import { useState } from "react";
import { api, type Me } from "@/api";
import { meChanged, useMe } from "@/app/session";
import {
  Badge,
  Button,
  Card,
  ErrorState,
  Field,
  Form,
  Input,
  Section,
  Select,
  toast,
  useAction,
} from "@/kit";
import { localeChoices } from "./locales";
import { Picture } from "./Picture";

export function Profile() {
  const { user, tenant, roles } = useMe();
  const [name, setName] = useState(user.displayName);
  const [locale, setLocale] = useState(user.locale ?? "");
  const action = useAction();
  const changes = {
    ...(name.trim() !== user.displayName && { displayName: name.trim() }),
    ...(locale !== (user.locale ?? "") && { locale: locale || null }),
  };
  const save = async () => {
    const me = await api.patch<Me>("/iam/me", changes);
    meChanged(me);
    setName(me.user.displayName);
    setLocale(me.user.locale ?? "");
    toast.success("Saved.");
  };
  return (
    <Section title="Profile">
      <Card className="flex flex-col gap-6">
        <Picture />
        <Form
          action={action}
          submit="Save"
          shown={["displayName", "locale"]}
          disabled={!name.trim() || Object.keys(changes).length === 0}
          onSubmit={save}
        >
          <div className="grid max-w-2xl gap-4 sm:grid-cols-2">
            <Field label="Name" hint="How others see you." error={action.fields.displayName}>
              <Input
                autoComplete="name"
                maxLength={200}
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            </Field>
            <Field
              label="Dates and numbers"
              hint="How they are written for you."
              error={action.fields.locale}
            >
              <Select value={locale} onChange={(event) => setLocale(event.target.value)}>
                <option value="">As the browser writes them</option>
                {localeChoices(user.locale, new Date()).map(({ tag, name: label }) => (
                  <option key={tag} value={tag}>
                    {label}
                  </option>
                ))}
              </Select>
            </Field>
          </div>
          <dl className="grid gap-x-8 gap-y-2 text-sm sm:grid-cols-[8rem_1fr]">
            <dt className="text-faint">Email</dt>
            <dd className="break-words">
              {user.email}
              {user.emailVerified === false && <Unproved />}
            </dd>
            <dt className="text-faint">Organisation</dt>
            <dd className="break-words">{tenant.name}</dd>
            <dt className="text-faint">Roles</dt>
            <dd>{roles.map((role) => role.replaceAll("_", " ")).join(", ") || "none"}</dd>
          </dl>
        </Form>
      </Card>
    </Section>
  );
}

/** The address was never shown to be the person's; a link to it does. */
function Unproved() {
  const { busy, error, run } = useAction();
  const [isSent, setSent] = useState(false);
  const ask = () =>
    run(async () => {
      await api.post("/iam/me/email/verify");
      setSent(true);
    });
  return (
    <span className="mt-1 flex flex-col items-start gap-1.5">
      {isSent ? (
        <span role="status" className="text-faint">
          A link to confirm it is on its way.
        </span>
      ) : (
        <>
          <Badge tone="warn">Not confirmed</Badge>
          <Button size="sm" busy={busy} onClick={() => void ask()}>
            Send me a link
          </Button>
        </>
      )}
      {error !== null && <ErrorState error={error} />}
    </span>
  );
}
