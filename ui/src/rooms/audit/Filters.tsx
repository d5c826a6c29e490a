import { Search, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useRunsPlatform } from "@/app/session";
import { Button, Field, IconButton, Input, Select } from "@/kit";
import { type AuditPlace, filterCount, logOf } from "./filter";
import { accessTypes, statuses } from "./words";

interface FiltersProps {
  place: AuditPlace;
  mayReadAll: boolean;
  onChange: (place: AuditPlace) => void;
}

/** What is asked for; kept in the address, so that it can be sent to somebody and found again. */
export function Filters({ place, mayReadAll, onChange }: FiltersProps) {
  const runsPlatform = useRunsPlatform();
  const [text, setText] = useState(place.q ?? "");
  const set = (change: AuditPlace) => onChange({ ...place, row: undefined, ...change });
  const search = (event: FormEvent) => {
    event.preventDefault();
    set({ q: text.trim() || undefined });
  };
  const exact = (["userId", "apiKeyId", "action", "resourceType", "resourceId"] as const).filter(
    (name) => place[name] !== undefined,
  );
  return (
    <section aria-label="Filters" className="mb-5 flex flex-col gap-3">
      <div className="grid grid-cols-2 items-end gap-3 sm:flex sm:flex-wrap">
        <form onSubmit={search} className="col-span-2 flex min-w-0 flex-1 basis-64 items-end gap-2">
          <Field label="Find" className="min-w-0 flex-1">
            <Input
              type="search"
              placeholder="Action, person, address…"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          </Field>
          <IconButton type="submit" label="Find" size="md" tone="plain">
            <Search />
          </IconButton>
        </form>
        <Field label="From">
          <Input
            type="date"
            value={place.from ?? ""}
            max={place.to}
            onChange={(event) => set({ from: event.target.value || undefined })}
          />
        </Field>
        <Field label="To">
          <Input
            type="date"
            value={place.to ?? ""}
            min={place.from}
            onChange={(event) => set({ to: event.target.value || undefined })}
          />
        </Field>
        <Field label="Result">
          <Select
            value={place.status ?? ""}
            onChange={(event) => set({ status: statuses.find((one) => one.id === event.target.value)?.id })}
          >
            <option value="">All</option>
            {statuses.map((one) => (
              <option key={one.id} value={one.id}>
                {one.label}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Through">
          <Select
            value={place.accessType ?? ""}
            onChange={(event) => set({ accessType: event.target.value || undefined })}
          >
            <option value="">Anything</option>
            {accessTypes.map((one) => (
              <option key={one.id} value={one.id}>
                {one.label}
              </option>
            ))}
          </Select>
        </Field>
        {mayReadAll && (
          <Field label="Whose">
            <Select
              value={place.mine ? "mine" : place.installation ? "installation" : ""}
              onChange={(event) =>
                set({
                  mine: event.target.value === "mine" || undefined,
                  installation: event.target.value === "installation" || undefined,
                })
              }
            >
              <option value="">Everybody’s</option>
              <option value="mine">Mine</option>
              {runsPlatform && <option value="installation">The installation’s</option>}
            </Select>
          </Field>
        )}
      </div>
      {filterCount(place) > 0 && (
        <div className="flex flex-wrap items-center gap-2 text-sm">
          {exact.map((name) => (
            <button
              key={name}
              type="button"
              aria-label={`Remove the filter ${names[name]}`}
              onClick={() => set({ [name]: undefined })}
              className="flex max-w-full items-center gap-1.5 rounded-full bg-accent-wash px-3 py-1 text-accent"
            >
              <span className="truncate">
                {names[name]}: {place[name]}
              </span>
              <X className="size-3.5 shrink-0" aria-hidden />
            </button>
          ))}
          <Button
            size="sm"
            tone="quiet"
            onClick={() => {
              setText("");
              onChange(logOf(place));
            }}
          >
            Clear all filters
          </Button>
        </div>
      )}
    </section>
  );
}

const names = {
  userId: "Person",
  apiKeyId: "API key",
  action: "Action",
  resourceType: "Kind of thing",
  resourceId: "Thing",
};
