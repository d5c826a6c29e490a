import { useState } from "react";
import { api, type Document, type FileLink } from "@/api";
import { Button, CopyField, Dialog, Field, Form, Select, useAction, when } from "@/kit";

const spans = [
  { seconds: 900, label: "15 minutes" },
  { seconds: 3600, label: "an hour" },
  { seconds: 86_400, label: "a day" },
  { seconds: 604_800, label: "7 days" },
];

/** Makes an address of the document's file that opens without signing in. */
export function LinkDialog({ document, onClose }: { document: Document; onClose: () => void }) {
  const action = useAction();
  const [seconds, setSeconds] = useState(86_400);
  const [link, setLink] = useState<FileLink | null>(null);
  const make = async () =>
    setLink(
      await api.post<FileLink>(`/knowledge/documents/${document.id}/links`, { expiresInSeconds: seconds }),
    );
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Copy a link"
      description={`Whoever has it downloads the file ${document.fileName ? `“${document.fileName}” ` : ""}without signing in, and nothing else.`}
    >
      {link ? (
        <div className="flex flex-col gap-4">
          <CopyField label="Link" value={new URL(link.url, location.origin).href} />
          <p role="status" className="text-sm text-soft">
            It opens until {when(link.expiresAt)}, and no longer than you may see this document yourself. It
            is not shown again; you can always make another one.
          </p>
          <div className="flex justify-end">
            <Button onClick={onClose}>Done</Button>
          </div>
        </div>
      ) : (
        <Form action={action} submit="Make the link" onSubmit={make} onCancel={onClose}>
          <Field
            label="It holds for"
            hint="It follows the document: a new file of it is what the link opens then. Making and opening it stands in the audit log, with your name."
          >
            <Select value={seconds} onChange={(event) => setSeconds(Number(event.target.value))}>
              {spans.map((one) => (
                <option key={one.seconds} value={one.seconds}>
                  {one.label}
                </option>
              ))}
            </Select>
          </Field>
        </Form>
      )}
    </Dialog>
  );
}
