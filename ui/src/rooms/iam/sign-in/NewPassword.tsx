import { Field, Input } from "@/kit";
import { passwordFault, passwordMin } from "./words";

interface NewPasswordProps {
  label?: string;
  value: string;
  again: string;
  /** What the server said about it. */
  error?: string[];
  onChange: (value: string, again: string) => void;
}

/** A new password, twice, since nobody sees what was typed. */
export function NewPassword({ label = "New password", value, again, error, onChange }: NewPasswordProps) {
  return (
    <>
      <Field
        label={label}
        hint={`At least ${passwordMin} characters. A few words are easy to remember.`}
        error={error}
      >
        <Input
          type="password"
          autoComplete="new-password"
          required
          minLength={passwordMin}
          maxLength={1000}
          value={value}
          onChange={(event) => onChange(event.target.value, again)}
        />
      </Field>
      <Field
        label="Once more"
        error={again.length >= value.length && again !== "" ? passwordFault(value, again) : null}
      >
        <Input
          type="password"
          autoComplete="new-password"
          required
          maxLength={1000}
          value={again}
          onChange={(event) => onChange(value, event.target.value)}
        />
      </Field>
    </>
  );
}
