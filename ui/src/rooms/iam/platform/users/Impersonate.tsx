import { useState } from "react";
import { api, type PlatformUser } from "@/api";
import { startAnew } from "@/app/session";
import { Field, FormDialog, Input, Select, useAction } from "@/kit";

interface ImpersonateProps {
  user: PlatformUser;
  onClose: () => void;
}

export function Impersonate({ user, onClose }: ImpersonateProps) {
  const action = useAction();
  const [tenantId, setTenant] = useState(user.tenants[0]?.id ?? "");
  const [reason, setReason] = useState("");
  const begin = async () => {
    await api.post("/platform/impersonate", { userId: user.id, tenantId, reason: reason.trim() });
    startAnew("/chat");
  };
  return (
    <FormDialog
      title={`Act as ${user.displayName || user.email}`}
      description="You see and may do what they do, for at most an hour. The audit log names both of you in every row."
      action={action}
      submit="Act as them"
      shown={["reason", "tenantId"]}
      disabled={!tenantId || !reason.trim()}
      onSubmit={begin}
      onClose={onClose}
    >
      <Field label="In" error={action.fields.tenantId}>
        <Select value={tenantId} onChange={(event) => setTenant(event.target.value)}>
          {user.tenants.map((tenant) => (
            <option key={tenant.id} value={tenant.id}>
              {tenant.name}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Reason" hint="Why it is needed; kept in the audit log." error={action.fields.reason}>
        <Input required maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
      </Field>
    </FormDialog>
  );
}
