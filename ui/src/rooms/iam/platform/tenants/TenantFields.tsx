import { useState } from "react";
import { api, type Tenant } from "@/api";
import { queryClient } from "@/app/queries";
import { Card, Field, Form, Input, Section, toast, useAction } from "@/kit";
import { tenantQuery, tenantsChanged } from "../data";

const names = ["name", "contactName", "contactEmail"] as const;
type TenantDraft = Record<(typeof names)[number], string>;

const draftOf = (tenant: Tenant): TenantDraft => ({
  name: tenant.name,
  contactName: tenant.contactName ?? "",
  contactEmail: tenant.contactEmail ?? "",
});

const labels: TenantDraft = {
  name: "Name",
  contactName: "Contact person",
  contactEmail: "Contact address",
};

export function TenantFields({ tenant }: { tenant: Tenant }) {
  const action = useAction();
  const [draft, setDraft] = useState(() => draftOf(tenant));
  const before = draftOf(tenant);
  const isWithout = before.contactEmail !== "" && !draft.contactEmail.trim();
  const changed = names.filter((name) => draft[name].trim() !== before[name]);
  const save = async () => {
    const saved = await api.patch<Tenant>(
      `/platform/tenants/${tenant.id}`,
      Object.fromEntries(changed.map((name) => [name, draft[name].trim()])),
    );
    queryClient.setQueryData(tenantQuery(tenant.id).queryKey, saved);
    setDraft(draftOf(saved));
    await tenantsChanged();
    toast.success("Saved.");
  };
  return (
    <Section title="Settings">
      <Card>
        <Form
          action={action}
          submit="Save"
          shown={[...names]}
          disabled={changed.length === 0 || !draft.name.trim() || isWithout}
          onSubmit={save}
        >
          <div className="grid max-w-2xl gap-4 sm:grid-cols-2">
            {names.map((name) => (
              <Field
                key={name}
                label={labels[name]}
                optional={name !== "name"}
                error={
                  name === "contactEmail" && isWithout
                    ? "It can be replaced, but not left out any more."
                    : action.fields[name]
                }
              >
                <Input
                  type={name === "contactEmail" ? "email" : "text"}
                  maxLength={320}
                  value={draft[name]}
                  onChange={(event) => setDraft({ ...draft, [name]: event.target.value })}
                />
              </Field>
            ))}
          </div>
        </Form>
      </Card>
    </Section>
  );
}
