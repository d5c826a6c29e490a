import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, type Collection, type MetadataField } from "@/api";
import { Button, Card, Checkbox, Form, IconButton, Input, Select, toast, useAction } from "@/kit";
import { collectionsChanged } from "../data";

const types = [
  ["text", "Text"],
  ["number", "Number"],
  ["integer", "Whole number"],
  ["boolean", "Yes or no"],
  ["date", "Date"],
  ["datetime", "Date and time"],
] as const;

/** Which keys documents' metadata has here, and whether there may be others. */
export function MetadataForm({ collection, onSaved }: { collection: Collection; onSaved: () => void }) {
  const action = useAction();
  const [fields, setFields] = useState<MetadataField[]>([...(collection.metadataFields ?? [])]);
  const [isFixed, setFixed] = useState(collection.fixedMetadata);
  const set = (place: number, change: Partial<MetadataField>) =>
    setFields(fields.map((one, index) => (index === place ? { ...one, ...change } : one)));
  const isSame =
    JSON.stringify([fields, isFixed]) ===
    JSON.stringify([collection.metadataFields, collection.fixedMetadata]);
  const save = async () => {
    await api.patch(`/knowledge/collections/${collection.id}`, {
      metadataFields: fields,
      fixedMetadata: isFixed,
    });
    await collectionsChanged(collection.id);
    onSaved();
    toast.success("Saved.");
  };
  return (
    <Card>
      <h2 className="font-medium">Metadata</h2>
      <p className="mb-4 text-sm text-soft">
        Facts that documents carry and searches filter by. What has a field here is checked when a document
        comes.
      </p>
      <Form
        action={action}
        submit="Save"
        disabled={isSame || fields.some((one) => !one.name.trim())}
        onSubmit={save}
      >
        {fields.length > 0 && (
          <ul className="flex flex-col gap-3">
            {fields.map((field, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a field is known by its place while it is edited
              <li key={place} className="flex flex-wrap items-center gap-2">
                <Input
                  aria-label={`Name of field ${place + 1}`}
                  className="min-w-0 flex-1 basis-36"
                  maxLength={100}
                  placeholder="year"
                  value={field.name}
                  onChange={(event) => set(place, { name: event.target.value })}
                />
                <Select
                  aria-label={`Type of field ${place + 1}`}
                  className="w-40"
                  value={field.type}
                  onChange={(event) => set(place, { type: event.target.value, allowed: null })}
                >
                  {types.map(([value, label]) => (
                    <option key={value} value={value}>
                      {label}
                    </option>
                  ))}
                </Select>
                <Checkbox
                  label="required"
                  checked={field.required ?? false}
                  onChange={(event) => set(place, { required: event.target.checked })}
                />
                <Checkbox
                  label="a list"
                  checked={field.many ?? false}
                  onChange={(event) => set(place, { many: event.target.checked })}
                />
                <IconButton
                  label={`Remove field ${place + 1}`}
                  onClick={() => setFields(fields.filter((_, index) => index !== place))}
                >
                  <Trash2 />
                </IconButton>
              </li>
            ))}
          </ul>
        )}
        <div>
          <Button
            size="sm"
            icon={<Plus aria-hidden />}
            onClick={() =>
              setFields([...fields, { name: "", type: "text", required: false, many: false, allowed: null }])
            }
          >
            Add a field
          </Button>
        </div>
        <Checkbox
          label="No other keys"
          hint="A document with a key that is not listed is refused."
          checked={isFixed}
          onChange={(event) => setFixed(event.target.checked)}
        />
      </Form>
    </Card>
  );
}
