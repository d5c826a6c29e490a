import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, type NewApiKey, type Page, type Permission, Problem } from "@/api";
import { queryClient } from "@/app/queries";
import { useMe } from "@/app/session";
import { Button, Checkbox, Dialog, ErrorState, Field, Input, Select, SkeletonRows, toast } from "@/kit";
import { ShownOnce } from "./ShownOnce";
import { apiKeysKey, areasOf, expiryOf, lifetimes } from "./words";

export function CreateKey({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [days, setDays] = useState(90);
  const [isLimited, setLimited] = useState(false);
  const [scopes, setScopes] = useState<string[]>([]);
  const [made, setMade] = useState<NewApiKey | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const fields = error instanceof Problem ? error.fields : {};

  const create = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      // Without an Idempotency-Key: its answer would have to be kept, and this one holds a secret.
      setMade(
        await api.post<NewApiKey>("/iam/api-keys", {
          name: name.trim(),
          scopes: isLimited ? scopes : undefined,
          expiresAt: expiryOf(days),
        }),
      );
      await queryClient.invalidateQueries({ queryKey: apiKeysKey });
      await queryClient.invalidateQueries({ queryKey: ["checklist"] });
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  // A click beside the dialog must not lose a key that is shown once.
  const leave = () => (made ? toast.info("Copy the key first, then press “I have copied it”.") : onClose());
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && leave()}
      title={made ? "Copy your key now" : "New API key"}
      description={made ? `${made.apiKey.name} is ready.` : "For one program; give each its own."}
    >
      {made ? (
        <ShownOnce secret={made.key} onDone={onClose} />
      ) : (
        <form onSubmit={(event) => void create(event)} className="flex flex-col gap-4">
          <Field label="Name" hint="So that you know later which program it belongs to." error={fields.name}>
            <Input
              required
              maxLength={200}
              value={name}
              placeholder="Nightly import"
              onChange={(event) => setName(event.target.value)}
            />
          </Field>
          <Field label="Expires after" error={fields.expiresAt}>
            <Select value={days} onChange={(event) => setDays(Number(event.target.value))}>
              {lifetimes.map((one) => (
                <option key={one.days} value={one.days}>
                  {one.label}
                </option>
              ))}
            </Select>
          </Field>
          <fieldset className="flex flex-col gap-2">
            <legend className="mb-1.5 text-sm font-medium">What it may do</legend>
            <Choice checked={!isLimited} onChange={() => setLimited(false)}>
              All you may do
            </Choice>
            <Choice checked={isLimited} onChange={() => setLimited(true)}>
              Only what is chosen here
            </Choice>
            {isLimited && <Scopes chosen={scopes} onChange={setScopes} />}
          </fieldset>
          {error !== null && Object.keys(fields).length === 0 && <ErrorState error={error} />}
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Cancel</Button>
            <Button
              type="submit"
              tone="primary"
              busy={busy}
              disabled={!name.trim() || (isLimited && scopes.length === 0)}
            >
              Create key
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

interface ChoiceProps {
  checked: boolean;
  onChange: () => void;
  children: string;
}

function Choice({ checked, onChange, children }: ChoiceProps) {
  return (
    <label className="flex items-center gap-2.5 text-sm">
      <input
        type="radio"
        name="scope-choice"
        className="size-4 accent-(--accent)"
        checked={checked}
        onChange={onChange}
      />
      {children}
    </label>
  );
}

interface ScopesProps {
  chosen: string[];
  onChange: (scopes: string[]) => void;
}

function Scopes({ chosen, onChange }: ScopesProps) {
  const me = useMe();
  const { data, error, refetch } = useQuery({
    queryKey: ["permissions"],
    queryFn: async ({ signal }) => (await api.get<Page<Permission>>("/iam/permissions", { signal })).data,
    staleTime: 300_000,
  });
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <SkeletonRows count={2} label="Loading the permissions" />;
  return (
    <section
      aria-label="Permissions"
      className="flex max-h-64 flex-col gap-4 overflow-y-auto rounded-xl border bg-surface p-3.5"
    >
      {areasOf(data, me.permissions).map((area) => (
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
