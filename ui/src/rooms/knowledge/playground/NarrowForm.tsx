import { useQuery } from "@tanstack/react-query";
import { Plus, X } from "lucide-react";
import { useId } from "react";
import type { Collection, MetadataField } from "@/api";
import { Button, Checkbox, cx, Field, IconButton, Input, Select } from "@/kit";
import { foldersQuery } from "../data";
import { places } from "../folders/tree";
import { type Condition, type Narrow, type Operator, operators } from "./narrow";

interface NarrowFormProps {
  collection: Collection;
  narrow: Narrow;
  faults: Map<number | "languages", string>;
  /** What is sent of the conditions, shown as an API takes it. */
  filters: unknown;
  onChange: (narrow: Narrow) => void;
  className?: string;
}

/** Which documents are searched: by their metadata, their folder, when they came, and their language. */
export function NarrowForm({ collection, narrow, faults, filters, onChange, className }: NarrowFormProps) {
  const folders = useQuery(foldersQuery(collection.id)).data?.folders ?? [];
  const set = (change: Partial<Narrow>) => onChange({ ...narrow, ...change });
  const turn = (place: number, change: Partial<Condition>) =>
    set({ conditions: narrow.conditions.map((one, at) => (at === place ? { ...one, ...change } : one)) });
  return (
    <fieldset className={cx("rounded-xl border bg-surface p-4", className)}>
      <legend className="px-1 text-sm font-semibold">Where to search</legend>
      <div className="grid grid-cols-2 gap-3">
        <Field label="Folder" className="col-span-2 sm:col-span-1">
          <Select value={narrow.folder} onChange={(event) => set({ folder: event.target.value })}>
            <option value="">All folders</option>
            {places(folders).map((one) => (
              <option key={one.id} value={one.id}>
                {one.path.slice(1)}
              </option>
            ))}
          </Select>
        </Field>
        <Field
          label="Languages"
          optional
          error={faults.get("languages")}
          className="col-span-2 sm:col-span-1"
        >
          <Input
            autoCapitalize="none"
            placeholder="de, en"
            maxLength={100}
            value={narrow.language}
            onChange={(event) => set({ language: event.target.value })}
          />
        </Field>
        <Field label="Added from" optional>
          <Input
            type="date"
            max={narrow.to || undefined}
            value={narrow.from}
            onChange={(event) => set({ from: event.target.value })}
          />
        </Field>
        <Field label="Added until" optional>
          <Input
            type="date"
            min={narrow.from || undefined}
            value={narrow.to}
            onChange={(event) => set({ to: event.target.value })}
          />
        </Field>
      </div>
      <Checkbox
        className="mt-3"
        label="Also what nobody needed for long"
        checked={narrow.cold}
        onChange={(event) => set({ cold: event.target.checked })}
      />
      {narrow.conditions.length > 0 && (
        <ul aria-label="Conditions" className="mt-4 flex flex-col gap-3">
          {narrow.conditions.map((one, place) => (
            <Line
              // biome-ignore lint/suspicious/noArrayIndexKey: a condition is known by its place while it is edited
              key={place}
              name={`condition ${place + 1}`}
              condition={one}
              fields={collection.metadataFields}
              fault={faults.get(place)}
              onChange={(change) => turn(place, change)}
              onRemove={() => set({ conditions: narrow.conditions.filter((_, at) => at !== place) })}
            />
          ))}
        </ul>
      )}
      <Button
        size="sm"
        className="mt-3"
        icon={<Plus aria-hidden />}
        disabled={narrow.conditions.length >= 50}
        onClick={() =>
          set({
            conditions: [
              ...narrow.conditions,
              { key: collection.metadataFields[0]?.name ?? "", operator: "eq", value: "" },
            ],
          })
        }
      >
        Add a condition
      </Button>
      {filters !== undefined && (
        <p className="mt-3 text-xs break-words text-faint">
          In the API: <code className="font-mono">{JSON.stringify(filters)}</code>
        </p>
      )}
    </fieldset>
  );
}

interface LineProps {
  name: string;
  condition: Condition;
  fields: readonly MetadataField[];
  fault: string | undefined;
  onChange: (change: Partial<Condition>) => void;
  onRemove: () => void;
}

function Line({ name, condition, fields, fault, onChange, onRemove }: LineProps) {
  const id = useId();
  const field = fields.find((one) => one.name === condition.key.trim());
  const control = {
    "aria-label": `Value of ${name}`,
    "aria-invalid": fault ? true : undefined,
    "aria-describedby": fault ? `${id}-fault` : undefined,
    value: condition.value,
  };
  const type = (value: string) => onChange({ value });
  const isOne = condition.operator !== "in";
  return (
    <li>
      <div className="flex flex-wrap gap-2 sm:flex-nowrap">
        <Input
          aria-label={`Field of ${name}`}
          className="min-w-0 flex-1 basis-28"
          list={`${id}-fields`}
          autoCapitalize="none"
          spellCheck={false}
          maxLength={200}
          placeholder="year"
          value={condition.key}
          onChange={(event) => onChange({ key: event.target.value })}
        />
        <datalist id={`${id}-fields`}>
          {fields.map((one) => (
            <option key={one.name} value={one.name} />
          ))}
        </datalist>
        <Select
          aria-label={`Comparison of ${name}`}
          className="w-36 shrink-0"
          value={condition.operator}
          onChange={(event) => {
            const operator = event.target.value as Operator;
            const turnsExists = (operator === "exists") !== (condition.operator === "exists");
            onChange({ operator, ...(turnsExists && { value: "" }) });
          }}
        >
          {operators.map((one) => (
            <option key={one.value} value={one.value}>
              {one.label}
            </option>
          ))}
        </Select>
        {condition.operator === "exists" || (field?.type === "boolean" && isOne) ? (
          <Select
            {...control}
            className="min-w-0 flex-1 basis-28"
            onChange={(event) => type(event.target.value)}
          >
            {condition.operator === "exists" ? (
              <>
                <option value="">yes</option>
                <option value="no">no</option>
              </>
            ) : (
              <>
                <option value="">choose</option>
                <option value="true">true</option>
                <option value="false">false</option>
              </>
            )}
          </Select>
        ) : field?.allowed && field.allowed.length > 0 && isOne ? (
          <Select
            {...control}
            className="min-w-0 flex-1 basis-28"
            onChange={(event) => type(event.target.value)}
          >
            <option value="">choose</option>
            {field.allowed.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </Select>
        ) : (
          <Input
            {...control}
            className="min-w-0 flex-1 basis-28"
            type={field?.type === "date" && isOne ? "date" : "text"}
            maxLength={4000}
            placeholder={isOne ? "2024" : "2023, 2024"}
            onChange={(event) => type(event.target.value)}
          />
        )}
        <IconButton label={`Remove ${name}`} size="md" onClick={onRemove}>
          <X />
        </IconButton>
      </div>
      {fault && (
        <p id={`${id}-fault`} className="mt-1 text-sm text-danger">
          {fault}
        </p>
      )}
    </li>
  );
}
