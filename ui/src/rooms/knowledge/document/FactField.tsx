import type { MetadataField } from "@/api";
import { Field, Input, Select, Textarea } from "@/kit";

interface FactFieldProps {
  field: MetadataField;
  text: string;
  fault: string | undefined;
  onChange: (text: string) => void;
}

const hints: Record<string, string> = {
  number: "A number.",
  integer: "A whole number.",
  datetime: "A time such as 2026-01-31T12:00:00Z.",
};

/** One value of a document's metadata, asked for as its field says. */
export function FactField({ field, text, fault, onChange }: FactFieldProps) {
  const choices = field.type === "boolean" ? ["true", "false"] : (field.allowed ?? []);
  const hint = field.many
    ? [
        "One on each line.",
        choices.length > 0
          ? `Each is one of ${choices.join(", ")}.`
          : field.type === "date"
            ? "Dates such as 2026-01-31."
            : hints[field.type],
      ]
        .filter(Boolean)
        .join(" ")
    : hints[field.type];
  return (
    <Field label={field.name} optional={!field.required} hint={hint} error={fault}>
      {field.many ? (
        <Textarea
          rows={3}
          maxLength={10_000}
          value={text}
          onChange={(event) => onChange(event.target.value)}
        />
      ) : choices.length > 0 ? (
        <Select value={text} onChange={(event) => onChange(event.target.value)}>
          <option value="">not given</option>
          {choices.map((one) => (
            <option key={one}>{one}</option>
          ))}
          {text && !choices.includes(text) && <option>{text}</option>}
        </Select>
      ) : (
        <Input
          type={field.type === "date" ? "date" : "text"}
          inputMode={field.type === "number" || field.type === "integer" ? "decimal" : undefined}
          maxLength={10_000}
          value={text}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
