import { Field, Input, Select } from "@/kit";
import { type Copies, type Rerank, type Side, strategies, usesWeight } from "./sides";

interface SideSettingsProps {
  name: string;
  side: Side;
  onChange: (side: Side) => void;
}

/** How one side searches. */
export function SideSettings({ name, side, onChange }: SideSettingsProps) {
  const set = (change: Partial<Side>) => onChange({ ...side, ...change });
  return (
    <fieldset className="rounded-xl border bg-surface p-4">
      <legend className="px-1 text-sm font-semibold">{name}</legend>
      <div className="grid grid-cols-2 gap-3">
        <Field
          label="Strategy"
          className="col-span-2"
          hint={strategies.find((one) => one.value === side.strategy)?.hint}
        >
          <Select
            value={side.strategy}
            onChange={(event) => set({ strategy: event.target.value as Side["strategy"] })}
          >
            {strategies.map((one) => (
              <option key={one.value} value={one.value}>
                {one.label}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Passages">
          <Select value={side.topK} onChange={(event) => set({ topK: Number(event.target.value) })}>
            {[5, 10, 20, 50].map((one) => (
              <option key={one} value={one}>
                Top {one}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Order once more">
          <Select value={side.rerank} onChange={(event) => set({ rerank: event.target.value as Rerank })}>
            <option value="none">No</option>
            <option value="lexical">By the words</option>
            <option value="model">Rerank model</option>
          </Select>
        </Field>
        <Field label="The same text" className="col-span-2">
          <Select value={side.copies} onChange={(event) => set({ copies: event.target.value as Copies })}>
            <option value="together">Once, with all its places</option>
            <option value="apart">Each place by itself</option>
          </Select>
        </Field>
        {side.strategy !== "lexical" && (
          <Share label="Least nearness" value={side.threshold} onChange={(threshold) => set({ threshold })} />
        )}
        {side.strategy === "mmr" && (
          <Share
            label="Nearness or difference"
            value={side.lambda}
            placeholder="0.5"
            onChange={(lambda) => set({ lambda })}
          />
        )}
        {usesWeight(side.strategy) && (
          <Share
            label="Weight of meaning"
            value={side.vectorWeight}
            onChange={(vectorWeight) => set({ vectorWeight })}
          />
        )}
      </div>
    </fieldset>
  );
}

interface ShareProps {
  label: string;
  value: string;
  placeholder?: string;
  onChange: (text: string) => void;
}

function Share({ label, value, placeholder = "as set", onChange }: ShareProps) {
  return (
    <Field label={label}>
      <Input
        inputMode="decimal"
        maxLength={6}
        placeholder={placeholder}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  );
}
