import { Check, Minus } from "lucide-react";
import { Fragment } from "react";
import type { Permission, Role } from "@/api";
import { useMe } from "@/app/session";
import { cx, plural, Tooltip } from "@/kit";
import { areasOf } from "../../permissions";
import { changeCount, type Draft, grantsOf, lockOf, toggle } from "./matrix";
import { RoleMenu } from "./RoleMenu";

interface RoleMatrixProps {
  roles: Role[];
  permissions: Permission[];
  draft: Draft;
  onDraft: (draft: Draft) => void;
  mayManage: boolean;
}

const first = "sticky left-0 z-10 bg-surface";

/** Who may do what: permissions down, roles across. */
export function RoleMatrix({ roles, permissions, draft, onDraft, mayManage }: RoleMatrixProps) {
  const own = useMe().permissions;
  return (
    <section
      aria-label="Permissions of the roles"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      className="relative overflow-x-auto rounded-2xl border bg-surface"
    >
      <table className="w-full border-collapse text-left text-sm">
        <thead>
          <tr className="border-b align-bottom">
            <th
              scope="col"
              className={cx(first, "min-w-44 px-4 py-3 text-xs font-medium text-faint sm:min-w-64")}
            >
              Permission
            </th>
            {roles.map((role) => (
              <th key={role.id} scope="col" className="min-w-28 px-2 py-3 text-center font-medium">
                <span className="flex items-center justify-center gap-1">
                  <span className="break-words">{role.name}</span>
                  {mayManage && !role.isSystem && <RoleMenu role={role} />}
                </span>
                <span className="block text-xs font-normal text-faint">
                  {changeCount(draft, role) > 0 ? "changed" : plural(role.memberCount, "person", "people")}
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {areasOf(permissions).map((area) => (
            <Fragment key={area.area}>
              <tr className="border-b bg-sunken/60">
                <th
                  scope="colgroup"
                  colSpan={roles.length + 1}
                  className="px-4 py-1.5 text-left text-xs font-medium text-faint"
                >
                  <span className="sticky left-4">{area.name}</span>
                </th>
              </tr>
              {area.permissions.map((permission) => (
                <tr key={permission.key} className="not-last:border-b">
                  <th scope="row" className={cx(first, "px-4 py-2 font-normal")}>
                    {permission.description}
                    <span className="block font-mono text-xs break-all text-faint">{permission.key}</span>
                  </th>
                  {roles.map((role) => (
                    <td key={role.id} className="px-2 text-center">
                      <Grant
                        label={`${role.name}: ${permission.description}`}
                        isGiven={grantsOf(draft, role).includes(permission.key)}
                        lock={lockOf(role, permission.key, own, mayManage)}
                        onToggle={() => onDraft(toggle(draft, role, permission.key))}
                      />
                    </td>
                  ))}
                </tr>
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface GrantProps {
  label: string;
  isGiven: boolean;
  /** Why it cannot be changed. */
  lock: string | null;
  onToggle: () => void;
}

function Grant({ label, isGiven, lock, onToggle }: GrantProps) {
  if (lock === null)
    return (
      <label className="inline-flex size-9 cursor-pointer items-center justify-center">
        <span className="sr-only">{label}</span>
        <input type="checkbox" className="size-4 accent-(--accent)" checked={isGiven} onChange={onToggle} />
      </label>
    );
  return (
    <Tooltip label={lock}>
      <span className="inline-flex size-9 items-center justify-center">
        {isGiven ? (
          <Check className="size-4 text-accent" aria-hidden />
        ) : (
          <Minus className="size-3.5 text-line-strong" aria-hidden />
        )}
        <span className="sr-only">{isGiven ? "yes" : "no"}</span>
      </span>
    </Tooltip>
  );
}
