import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Member } from "@/api";
import { useMe } from "@/app/session";
import { ErrorState, FormDialog, plural, Radio, SkeletonRows, toast, useAction } from "@/kit";
import { peopleChanged, rolesQuery } from "../data";
import { byRank, givable } from "../rights";

interface ChangeRoleProps {
  member: Member;
  onClose: () => void;
}

/** The role in the whole organisation; those in a team are given on the team's page. */
export function ChangeRole({ member, onClose }: ChangeRoleProps) {
  const { permissions } = useMe();
  const action = useAction();
  const { data, error, refetch } = useQuery(rolesQuery);
  const [roleId, setRoleId] = useState(member.role.id);
  const choices = byRank(givable(data ?? [], permissions)).filter((role) => role.scope === "tenant");
  const save = async () => {
    await api.patch(`/iam/members/${member.userId}`, { roleId });
    await peopleChanged();
    toast.success("Saved. It holds from their next request on.");
    onClose();
  };
  return (
    <FormDialog
      title={`Role of ${member.displayName || member.email}`}
      description="In the whole organisation. Roles in a team are given on the team’s page."
      action={action}
      submit="Save"
      disabled={roleId === member.role.id}
      onSubmit={save}
      onClose={onClose}
    >
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows count={3} label="Loading the roles" />
      ) : (
        <fieldset className="flex flex-col gap-3">
          <legend className="sr-only">Role</legend>
          {choices.map((role) => (
            <Radio
              key={role.id}
              name="role"
              label={role.name}
              hint={plural(role.permissions.length, "permission")}
              checked={role.id === roleId}
              onChange={() => setRoleId(role.id)}
            />
          ))}
        </fieldset>
      )}
    </FormDialog>
  );
}
