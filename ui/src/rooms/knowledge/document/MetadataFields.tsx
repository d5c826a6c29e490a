import { Plus, X } from "lucide-react";
import type { Collection } from "@/api";
import { Button, IconButton, Input } from "@/kit";
import { FactField } from "./FactField";
import type { Fact, MetadataDraft } from "./metadata";

interface MetadataFieldsProps {
  collection: Collection;
  draft: MetadataDraft;
  faults: Map<string, string>;
  /** Where nothing must be given, whatever the collection's fields say. */
  isOptional?: boolean;
  legend?: string;
  onChange: (draft: MetadataDraft) => void;
}

/** Metadata as it is typed: what the collection has fields for, and other keys where it takes them. */
export function MetadataFields(props: MetadataFieldsProps) {
  const { collection, draft, faults, isOptional = false, legend = "Metadata", onChange } = props;
  const setOther = (place: number, change: Partial<Fact>) =>
    onChange({
      ...draft,
      others: draft.others.map((one, at) => (at === place ? { ...one, ...change } : one)),
    });
  const known = new Set(collection.metadataFields.map((one) => one.name));
  const otherFaults = [...faults].filter(([key]) => !known.has(key)).map(([, fault]) => fault);
  return (
    <fieldset className="flex flex-col gap-4">
      <legend className="mb-2 text-sm font-semibold">{legend}</legend>
      {collection.metadataFields.map((field) => (
        <FactField
          key={field.name}
          field={isOptional ? { ...field, required: false } : field}
          text={draft.fields.find((one) => one.key === field.name)?.text ?? ""}
          fault={faults.get(field.name)}
          onChange={(text) =>
            onChange({
              ...draft,
              fields: draft.fields.map((one) => (one.key === field.name ? { ...one, text } : one)),
            })
          }
        />
      ))}
      {draft.others.length > 0 && (
        <ul aria-label="Other metadata" className="flex flex-col gap-2">
          {draft.others.map((one, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a key is known by its place while it is edited
            <li key={place} className="flex items-center gap-2">
              <Input
                aria-label={`Name of value ${place + 1}`}
                className="min-w-0 flex-2"
                autoCapitalize="none"
                maxLength={200}
                value={one.key}
                onChange={(event) => setOther(place, { key: event.target.value })}
              />
              <Input
                aria-label={`Value ${place + 1}`}
                className="min-w-0 flex-3"
                maxLength={10_000}
                value={one.text}
                onChange={(event) => setOther(place, { text: event.target.value })}
              />
              <IconButton
                label={`Remove value ${place + 1}`}
                onClick={() => onChange({ ...draft, others: draft.others.filter((_, at) => at !== place) })}
              >
                <X />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
      {otherFaults.length > 0 && (
        <p role="alert" className="text-sm text-danger">
          {otherFaults.join(" ")}
        </p>
      )}
      {collection.fixedMetadata ? (
        collection.metadataFields.length === 0 && (
          <p className="text-sm text-faint">This collection takes no metadata.</p>
        )
      ) : (
        <div>
          <Button
            size="sm"
            icon={<Plus aria-hidden />}
            onClick={() => onChange({ ...draft, others: [...draft.others, { key: "", text: "" }] })}
          >
            Add a value
          </Button>
        </div>
      )}
    </fieldset>
  );
}
