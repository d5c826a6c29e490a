import { Field, Select } from "@/kit";
import { visibilities, visibilityOf } from "./visibility";

interface VisibilityFieldProps {
  value: string;
  onChange: (value: string) => void;
  error?: string[];
}

export function VisibilityField({ value, onChange, error }: VisibilityFieldProps) {
  return (
    <Field label="Who can see it" hint={visibilityOf(value).hint} error={error}>
      <Select value={value} onChange={(event) => onChange(event.target.value)}>
        {visibilities.map((one) => (
          <option key={one.value} value={one.value}>
            {one.label}
          </option>
        ))}
      </Select>
    </Field>
  );
}
