import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, type Collection, newIdempotencyKey, Problem } from "@/api";
import { Button, Checkbox, Dialog, ErrorState, Field, Input, Textarea } from "@/kit";
import { collectionsChanged } from "./data";
import { VisibilityField } from "./settings/VisibilityField";

export function CreateCollection({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [visibility, setVisibility] = useState("team");
  const [isEncrypted, setEncrypted] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [idempotencyKey, setIdempotencyKey] = useState(newIdempotencyKey);
  const fields = error instanceof Problem ? error.fields : {};
  const isTaken = error instanceof Problem && error.code === "collection_slug_taken";

  const create = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const made = await api.post<Collection>(
        "/knowledge/collections",
        { name: name.trim(), description: description.trim() || undefined, visibility, isEncrypted },
        { idempotencyKey },
      );
      await collectionsChanged();
      await navigate({ to: "/knowledge/$collectionId", params: { collectionId: made.id } });
    } catch (problem) {
      setError(problem);
      // What is sent next is another request.
      setIdempotencyKey(newIdempotencyKey());
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="New collection"
      description="Documents that belong together, and are asked together."
    >
      <form onSubmit={(event) => void create(event)} className="flex flex-col gap-4">
        <Field
          label="Name"
          error={isTaken ? "A collection of this name is already here. Choose another name." : fields.name}
        >
          <Input
            required
            maxLength={200}
            value={name}
            placeholder="Employee handbook"
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        <Field
          label="Description"
          optional
          hint="What is in it, for those who choose what to ask."
          error={fields.description}
        >
          <Textarea
            maxLength={2000}
            value={description}
            onChange={(event) => setDescription(event.target.value)}
          />
        </Field>
        <VisibilityField value={visibility} onChange={setVisibility} error={fields.visibility} />
        <Checkbox
          label="Encrypt its texts in the database"
          hint="Searched and answered from as usual; dumps and backups of the database do not show what the documents say. What conversations quote of them stays readable. This cannot be changed later."
          checked={isEncrypted}
          onChange={(event) => setEncrypted(event.target.checked)}
        />
        {error !== null && !isTaken && Object.keys(fields).length === 0 && <ErrorState error={error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary" busy={busy} disabled={!name.trim()}>
            Create collection
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
