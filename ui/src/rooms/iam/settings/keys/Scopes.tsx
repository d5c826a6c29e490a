import { useQuery } from "@tanstack/react-query";
import { api, type Page, type Permission } from "@/api";
import { useMe } from "@/app/session";
import { Checkbox, ErrorState, SkeletonRows } from "@/kit";
import { areasOf } from "../../permissions";

interface ScopesProps {
  chosen: string[];
  onChange: (scopes: string[]) => void;
}

/** What a key may do, out of what its owner may do. */
export function Scopes({ chosen, onChange }: ScopesProps) {
  const me = useMe();
  const { data, error, refetch } = useQuery({
    queryKey: ["key-scopes"],
    queryFn: async ({ signal }) => (await api.get<Page<Permission>>("/iam/api-keys/scopes", { signal })).data,
    staleTime: 300_000,
  });
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <SkeletonRows count={2} label="Loading the permissions" />;
  return (
    <section
      aria-label="Permissions"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      className="flex max-h-64 flex-col gap-4 overflow-y-auto rounded-xl border bg-surface p-3.5"
    >
      {areasOf(data.filter((one) => me.permissions.includes(one.key))).map((area) => (
        <fieldset key={area.area} className="flex flex-col gap-2">
          <legend className="mb-1.5 text-xs font-medium text-faint">{area.name}</legend>
          {area.permissions.map((permission) => (
            <Checkbox
              key={permission.key}
              label={permission.description}
              checked={chosen.includes(permission.key)}
              onChange={(event) =>
                onChange(
                  event.target.checked
                    ? [...chosen, permission.key]
                    : chosen.filter((one) => one !== permission.key),
                )
              }
            />
          ))}
        </fieldset>
      ))}
    </section>
  );
}
