import { useState } from "react";
import { api, type Role, type RoleScope } from "@/api";
import { useMe } from "@/app/session";
import { Field, FormDialog, Input, Select, toast, useAction } from "@/kit";
import { peopleChanged } from "../data";
import { givable } from "../rights";

interface NewRoleProps {
  roles: Role[];
  scope: RoleScope;
  onClose: () => void;
  onMade: (role: Role) => void;
}

/** A role of one's own, begun from another; its boxes are then ticked in the matrix. */
export function NewRole({ roles, scope: initial, onClose, onMade }: NewRoleProps) {
  const { permissions } = useMe();
  const action = useAction();
  const [name, setName] = useState("");
  const [scope, setScope] = useState(initial);
  const [fromId, setFrom] = useState("");
  const models = givable(roles, permissions).filter((role) => role.scope === scope);
  const make = async () => {
    const role = await api.post<Role>("/iam/roles", {
      name: name.trim(),
      scope,
      permissions: models.find((one) => one.id === fromId)?.permissions ?? [],
    });
    await peopleChanged();
    onMade(role);
    toast.success(`${role.name} is made. Tick what it may do.`);
    onClose();
  };
  return (
    <FormDialog
      title="New role"
      description="For what the roles that come with Lyceum do not fit."
      action={action}
      submit="Create role"
      shown={["name", "scope"]}
      disabled={!name.trim()}
      onSubmit={make}
      onClose={onClose}
    >
      <Field label="Name" error={action.fields.name}>
        <Input
          required
          maxLength={100}
          placeholder="Librarian"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <Field label="Counts" error={action.fields.scope}>
        <Select value={scope} onChange={(event) => setScope(event.target.value as RoleScope)}>
          <option value="team">In a team</option>
          <option value="tenant">In the organisation</option>
        </Select>
      </Field>
      <Field label="Begin with the permissions of" hint="Only roles whose permissions you have yourself.">
        <Select value={fromId} onChange={(event) => setFrom(event.target.value)}>
          <option value="">None</option>
          {models.map((role) => (
            <option key={role.id} value={role.id}>
              {role.name}
            </option>
          ))}
        </Select>
      </Field>
    </FormDialog>
  );
}
