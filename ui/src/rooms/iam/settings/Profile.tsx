import { type FormEvent, useState } from "react";
import { api, type Me, Problem } from "@/api";
import { queryClient } from "@/app/queries";
import { meQuery, useMe } from "@/app/session";
import { Button, Card, ErrorState, Field, Input, toast } from "@/kit";

export function Profile() {
  const { user, tenant, roles } = useMe();
  const [name, setName] = useState(user.displayName);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const isChanged = name.trim() !== "" && name.trim() !== user.displayName;
  const fields = error instanceof Problem ? error.fields : {};

  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (!isChanged) return;
    setBusy(true);
    setError(null);
    try {
      const me = await api.patch<Me>("/iam/me", { displayName: name.trim() });
      queryClient.setQueryData(meQuery.queryKey, me);
      setName(me.user.displayName);
      toast.success("Saved.");
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section aria-labelledby="profile">
      <h2 id="profile" className="mb-3 font-serif text-lg font-semibold">
        Profile
      </h2>
      <Card>
        <form onSubmit={(event) => void save(event)} className="flex flex-col gap-4">
          <Field label="Name" hint="How others see you." error={fields.displayName} className="max-w-md">
            <Input
              autoComplete="name"
              maxLength={200}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          </Field>
          <dl className="grid gap-x-8 gap-y-2 text-sm sm:grid-cols-[8rem_1fr]">
            <dt className="text-faint">Email</dt>
            <dd className="break-words">{user.email}</dd>
            <dt className="text-faint">Organisation</dt>
            <dd className="break-words">{tenant.name}</dd>
            <dt className="text-faint">Roles</dt>
            <dd>{roles.map((role) => role.replaceAll("_", " ")).join(", ") || "none"}</dd>
          </dl>
          {error !== null && Object.keys(fields).length === 0 && <ErrorState error={error} />}
          <div className="flex justify-end">
            <Button type="submit" tone="primary" busy={busy} disabled={!isChanged}>
              Save
            </Button>
          </div>
        </form>
      </Card>
    </section>
  );
}
