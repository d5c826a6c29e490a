import { useQuery } from "@tanstack/react-query";
import { Plus, X } from "lucide-react";
import type { GroupRole } from "@/api";
import { Button, ErrorState, IconButton, Input, Select } from "@/kit";
import { rolesQuery, teamsQuery } from "../../team/data";

interface GroupRolesProps {
  rows: GroupRole[];
  onChange: (rows: GroupRole[]) => void;
}

/** Which group at the provider means which role here. It holds from the person's next sign-in, and ends with it. */
export function GroupRoles({ rows, onChange }: GroupRolesProps) {
  const roles = useQuery(rolesQuery);
  const teams = useQuery(teamsQuery);
  const set = (place: number, change: Partial<GroupRole>) =>
    onChange(rows.map((row, at) => (at === place ? { ...row, ...change } : row)));
  const error = roles.error ?? teams.error;
  if (error)
    return <ErrorState error={error} retry={() => void Promise.all([roles.refetch(), teams.refetch()])} />;
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1.5 text-sm font-medium">Roles by group</legend>
      {rows.map((row, place) => {
        const role = roles.data?.find((one) => one.id === row.roleId);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row has no identity but its place
          <div key={place} className="flex flex-wrap items-center gap-2 rounded-xl border p-2">
            <Input
              aria-label={`Group ${place + 1}`}
              placeholder="Group"
              className="min-w-32 flex-1"
              value={row.group}
              onChange={(event) => set(place, { group: event.target.value })}
            />
            <Select
              aria-label={`Role of group ${place + 1}`}
              className="min-w-36 flex-1"
              value={row.roleId}
              onChange={(event) => set(place, { roleId: event.target.value, teamId: null })}
            >
              <option value="">Role…</option>
              {roles.data?.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name} ({one.scope === "team" ? "in a team" : "organisation"})
                </option>
              ))}
            </Select>
            {role?.scope === "team" && (
              <Select
                aria-label={`Team of group ${place + 1}`}
                className="min-w-32 flex-1"
                value={row.teamId ?? ""}
                onChange={(event) => set(place, { teamId: event.target.value || null })}
              >
                <option value="">Team…</option>
                {teams.data?.map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.name}
                  </option>
                ))}
              </Select>
            )}
            <IconButton
              label={`Remove group ${place + 1}`}
              onClick={() => onChange(rows.filter((_, at) => at !== place))}
            >
              <X />
            </IconButton>
          </div>
        );
      })}
      <Button
        size="sm"
        className="self-start"
        icon={<Plus aria-hidden />}
        onClick={() => onChange([...rows, { group: "", roleId: "", teamId: null }])}
      >
        Add a group
      </Button>
    </fieldset>
  );
}
