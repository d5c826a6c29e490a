import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Tenant } from "@/api";
import { queryClient } from "@/app/queries";
import { meQuery } from "@/app/session";
import { Card, ErrorState, Field, Form, Input, Section, SkeletonRows, toast, useAction } from "@/kit";

const key = ["tenant"];

export function TenantForm() {
  const { data, error, refetch } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.get<Tenant>("/iam/tenant", { signal }),
    refetchOnWindowFocus: false,
  });
  return (
    <Section title="Organisation" description="What everybody in it sees, and whom the platform writes to.">
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : data ? (
        <Fields tenant={data} />
      ) : (
        <SkeletonRows count={2} label="Loading the organisation" />
      )}
    </Section>
  );
}

interface TenantDraft {
  name: string;
  contactName: string;
  contactEmail: string;
}

const draftOf = (tenant: Tenant): TenantDraft => ({
  name: tenant.name,
  contactName: tenant.contactName ?? "",
  contactEmail: tenant.contactEmail ?? "",
});

function Fields({ tenant }: { tenant: Tenant }) {
  const action = useAction();
  const [draft, setDraft] = useState(() => draftOf(tenant));
  const before = draftOf(tenant);
  const names = ["name", "contactName", "contactEmail"] as const;
  const isWithout = before.contactEmail !== "" && !draft.contactEmail.trim();
  const changed = names.filter((one) => draft[one].trim() !== before[one]);
  const set = (change: Partial<TenantDraft>) => setDraft({ ...draft, ...change });
  const save = async () => {
    const changes = Object.fromEntries(changed.map((one) => [one, draft[one].trim()]));
    const saved = await api.patch<Tenant>("/iam/tenant", changes);
    queryClient.setQueryData(key, saved);
    setDraft(draftOf(saved));
    await queryClient.invalidateQueries({ queryKey: meQuery.queryKey });
    toast.success("Saved.");
  };
  return (
    <Card>
      <Form
        action={action}
        submit="Save"
        shown={[...names]}
        disabled={changed.length === 0 || !draft.name.trim() || isWithout}
        onSubmit={save}
      >
        <Field label="Name" className="max-w-md" error={action.fields.name}>
          <Input maxLength={200} value={draft.name} onChange={(event) => set({ name: event.target.value })} />
        </Field>
        <div className="grid max-w-2xl gap-4 sm:grid-cols-2">
          <Field label="Contact person" optional error={action.fields.contactName}>
            <Input
              maxLength={200}
              value={draft.contactName}
              onChange={(event) => set({ contactName: event.target.value })}
            />
          </Field>
          <Field
            label="Contact address"
            optional
            error={isWithout ? "It can be replaced, but not left out any more." : action.fields.contactEmail}
          >
            <Input
              type="email"
              maxLength={320}
              value={draft.contactEmail}
              onChange={(event) => set({ contactEmail: event.target.value })}
            />
          </Field>
        </div>
        <dl className="grid gap-x-8 gap-y-2 text-sm sm:grid-cols-[8rem_1fr]">
          <dt className="text-faint">Short name</dt>
          <dd className="font-mono text-xs/5">{tenant.slug}</dd>
        </dl>
      </Form>
    </Card>
  );
}
