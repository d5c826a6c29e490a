import { Ellipsis, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, type Role } from "@/api";
import { ConfirmDialog, Field, FormDialog, IconButton, Input, Menu, MenuItem, toast, useAction } from "@/kit";
import { peopleChanged } from "../data";

export function RoleMenu({ role }: { role: Role }) {
  const [open, setOpen] = useState<"rename" | "delete" | null>(null);
  const remove = async () => {
    await api.delete(`/iam/roles/${role.id}`);
    await peopleChanged();
    toast.success(`${role.name} is deleted.`);
  };
  return (
    <>
      <Menu
        trigger={
          <IconButton label={`Actions for ${role.name}`}>
            <Ellipsis />
          </IconButton>
        }
      >
        <MenuItem icon={<Pencil aria-hidden />} onSelect={() => setOpen("rename")}>
          Rename…
        </MenuItem>
        <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={() => setOpen("delete")}>
          Delete…
        </MenuItem>
      </Menu>
      {open === "rename" && <Rename role={role} onClose={() => setOpen(null)} />}
      <ConfirmDialog
        open={open === "delete"}
        onOpenChange={(next) => !next && setOpen(null)}
        title={`Delete the role ${role.name}?`}
        action="Delete role"
        onConfirm={remove}
      >
        A role that somebody has cannot be deleted; give them another one first.
      </ConfirmDialog>
    </>
  );
}

function Rename({ role, onClose }: { role: Role; onClose: () => void }) {
  const action = useAction();
  const [name, setName] = useState(role.name);
  const save = async () => {
    await api.patch(`/iam/roles/${role.id}`, { name: name.trim() });
    await peopleChanged();
    onClose();
  };
  return (
    <FormDialog
      title={`Rename ${role.name}`}
      action={action}
      submit="Rename"
      shown={["name"]}
      disabled={!name.trim() || name.trim() === role.name}
      onSubmit={save}
      onClose={onClose}
    >
      <Field label="Name" error={action.fields.name}>
        <Input required maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
    </FormDialog>
  );
}
