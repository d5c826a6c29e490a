import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { api, type Permission, type Role, type RoleScope } from "@/api";
import { useMay } from "@/app/session";
import { Button, cx, ErrorState, plural, SkeletonRows, toast, useAction } from "@/kit";
import { peopleChanged, permissionsQuery, rolesQuery } from "../data";
import { byRank } from "../rights";
import { changeCount, type Draft, grantsOf } from "./matrix";
import { NewRole } from "./NewRole";
import { RoleMatrix } from "./RoleMatrix";

const scopes: { scope: RoleScope; label: string }[] = [
  { scope: "team", label: "In a team" },
  { scope: "tenant", label: "In the organisation" },
];

export function Roles() {
  const roles = useQuery(rolesQuery);
  const permissions = useQuery(permissionsQuery);
  const error = roles.error ?? permissions.error;
  if (error)
    return (
      <ErrorState error={error} retry={() => void Promise.all([roles.refetch(), permissions.refetch()])} />
    );
  if (!roles.data || !permissions.data) return <SkeletonRows count={6} label="Loading the roles" />;
  return <Matrices roles={byRank(roles.data)} permissions={permissions.data} />;
}

interface MatricesProps {
  roles: Role[];
  permissions: Permission[];
}

function Matrices({ roles, permissions }: MatricesProps) {
  const mayManage = useMay("iam.roles.manage");
  const [scope, setScope] = useState<RoleScope>("team");
  const [draft, setDraft] = useState<Draft>({});
  const [making, setMaking] = useState(false);
  const action = useAction();
  const changed = roles.filter((role) => changeCount(draft, role) > 0);
  const save = () =>
    action.run(async () => {
      for (const role of changed) {
        await api.patch(`/iam/roles/${role.id}`, { permissions: grantsOf(draft, role) });
        // One by one, so that what is saved does not stay marked when a later one is refused.
        setDraft(({ [role.id]: _, ...rest }) => rest);
      }
      await peopleChanged();
      toast.success("Saved. It holds from the next request on.");
    });
  return (
    <>
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <fieldset className="flex rounded-lg border bg-surface p-0.5">
          <legend className="sr-only">Which roles</legend>
          {scopes.map((one) => (
            <label
              key={one.scope}
              className={cx(
                "cursor-pointer rounded-md px-3 py-1.5 text-sm text-soft has-focus-visible:outline-2 has-focus-visible:outline-accent",
                scope === one.scope && "bg-accent-wash font-medium text-accent",
              )}
            >
              <input
                type="radio"
                name="role-scope"
                className="sr-only"
                checked={scope === one.scope}
                onChange={() => setScope(one.scope)}
              />
              {one.label}
            </label>
          ))}
        </fieldset>
        <p className="min-w-0 flex-1 basis-60 text-sm text-soft">
          {scope === "team"
            ? "They count in the team they are given in."
            : "They count everywhere in the organisation."}
        </p>
        {mayManage && (
          <Button icon={<Plus aria-hidden />} onClick={() => setMaking(true)}>
            New role
          </Button>
        )}
      </div>
      <RoleMatrix
        roles={roles.filter((role) => role.scope === scope)}
        permissions={permissions}
        draft={draft}
        onDraft={setDraft}
        mayManage={mayManage}
      />
      {changed.length > 0 && (
        <section
          aria-label="Unsaved changes"
          className="sticky bottom-3 z-20 mt-4 flex flex-wrap items-center justify-end gap-3 rounded-xl border bg-raised px-4 py-3 shadow-float"
        >
          <p className="min-w-0 flex-1 basis-48 text-sm">
            {changed.map((role) => `${role.name}: ${plural(changeCount(draft, role), "change")}`).join(" · ")}
          </p>
          {action.error !== null && <ErrorState error={action.error} className="basis-full" />}
          <Button
            disabled={action.busy}
            onClick={() => {
              setDraft({});
              action.clear();
            }}
          >
            Undo
          </Button>
          <Button tone="primary" busy={action.busy} onClick={() => void save()}>
            Save
          </Button>
        </section>
      )}
      {making && (
        <NewRole
          roles={roles}
          scope={scope}
          onClose={() => setMaking(false)}
          onMade={(role) => setScope(role.scope)}
        />
      )}
    </>
  );
}
