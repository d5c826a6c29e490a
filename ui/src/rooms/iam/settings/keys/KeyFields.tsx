import { useQuery } from "@tanstack/react-query";
import { type Agent, api, type Collection, type Page } from "@/api";
import { ErrorState, Field, Input, Radio, Select } from "@/kit";
import { hasScopes, type KeyDraft } from "./draft";
import { Scopes } from "./Scopes";
import { lifetimes } from "./words";

interface KeyFieldsProps {
  draft: KeyDraft;
  fields: Record<string, string[]>;
  /** Its binding is settled when it is made. */
  isNew: boolean;
  expiry?: string;
  onChange: (draft: KeyDraft) => void;
}

export function KeyFields({ draft, fields, isNew, expiry, onChange }: KeyFieldsProps) {
  const set = (change: Partial<KeyDraft>) => onChange({ ...draft, ...change });
  return (
    <>
      <Field label="Name" hint="So that you know later which program it belongs to." error={fields.name}>
        <Input
          required
          maxLength={200}
          value={draft.name}
          placeholder="Nightly import"
          onChange={(event) => set({ name: event.target.value })}
        />
      </Field>
      {isNew && draft.kind === "chat" && (
        <Bound<Agent>
          label="Agent"
          path="/chat/agents"
          value={draft.agentId}
          error={fields.agentId}
          onChange={(agentId) => set({ agentId })}
        />
      )}
      {isNew && draft.kind === "ingest" && (
        <Bound<Collection>
          label="Collection"
          path="/knowledge/collections"
          value={draft.collectionId}
          error={fields.collectionId}
          onChange={(collectionId) => set({ collectionId })}
        />
      )}
      <Field label={isNew ? "Expires after" : "Expires"} error={fields.expiresAt}>
        <Select
          value={draft.days}
          onChange={(event) =>
            set({ days: event.target.value === "keep" ? "keep" : Number(event.target.value) })
          }
        >
          {!isNew && <option value="keep">As it is: {expiry}</option>}
          {lifetimes.map((one) => (
            <option key={one.days} value={one.days}>
              {isNew || one.days === 0 ? one.label : `${one.label} from now`}
            </option>
          ))}
        </Select>
      </Field>
      {hasScopes(draft.kind) && (
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1.5 text-sm font-medium">What it may do</legend>
          <Radio
            name="scope-choice"
            label="All you may do"
            checked={!draft.isLimited}
            onChange={() => set({ isLimited: false })}
          />
          <Radio
            name="scope-choice"
            label="Only what is chosen here"
            checked={draft.isLimited}
            onChange={() => set({ isLimited: true })}
          />
          {draft.isLimited && <Scopes chosen={draft.scopes} onChange={(scopes) => set({ scopes })} />}
        </fieldset>
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label="Requests per minute"
          optional
          hint="More are refused with 429."
          error={fields.requestsPerMinute}
        >
          <Input
            type="number"
            min={1}
            max={100_000}
            value={draft.requestsPerMinute}
            onChange={(event) => set({ requestsPerMinute: event.target.value })}
          />
        </Field>
        <Field
          label="Tokens per minute"
          optional
          hint="Of the models it uses."
          error={fields.tokensPerMinute}
        >
          <Input
            type="number"
            min={1}
            max={100_000_000}
            value={draft.tokensPerMinute}
            onChange={(event) => set({ tokensPerMinute: event.target.value })}
          />
        </Field>
      </div>
    </>
  );
}

interface BoundProps {
  label: string;
  path: string;
  value: string;
  error?: string[];
  onChange: (id: string) => void;
}

/** The one thing a key is bound to; chosen once. */
function Bound<T extends { id: string; name: string }>({ label, path, value, error, onChange }: BoundProps) {
  const list = useQuery({
    queryKey: ["key-binding", path],
    queryFn: async ({ signal }) => (await api.get<Page<T>>(path, { query: { limit: 200 }, signal })).data,
  });
  if (list.error) return <ErrorState error={list.error} retry={() => void list.refetch()} />;
  return (
    <Field label={label} hint="It cannot be moved to another later." error={error}>
      <Select required value={value} disabled={!list.data} onChange={(event) => onChange(event.target.value)}>
        <option value="" disabled>
          {list.data ? "Choose…" : "Loading…"}
        </option>
        {list.data?.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name}
          </option>
        ))}
      </Select>
    </Field>
  );
}
