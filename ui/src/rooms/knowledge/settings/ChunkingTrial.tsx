import { useState } from "react";
import { api, type ChunkingPreview, type ChunkingSettings, type Document, usePages } from "@/api";
import { Button, ErrorState, Field, plural, Select, Textarea, useAction } from "@/kit";

interface ChunkingTrialProps {
  id: string;
  /** As they stand in the form, saved or not. */
  settings: ChunkingSettings;
}

/** Shows how one document, or a text that is pasted, would be cut. Changes nothing. */
export function ChunkingTrial({ id, settings }: ChunkingTrialProps) {
  const documents = usePages<Document>(["documents-to-cut", id], `/knowledge/collections/${id}/documents`, {
    query: { status: "indexed" },
  });
  const [chosen, setChosen] = useState("");
  const [text, setText] = useState("");
  const [preview, setPreview] = useState<ChunkingPreview | null>(null);
  const action = useAction();
  const documentId = chosen || documents.rows[0]?.id;
  const isPasted = chosen === "paste" || !documentId;
  const look = async () =>
    setPreview(
      await api.post<ChunkingPreview>(`/knowledge/collections/${id}/chunking/preview`, {
        settings,
        ...(isPasted ? { text } : { documentId }),
      }),
    );
  return (
    <section className="mt-5 border-t border-line pt-4" aria-label="Try it">
      <div className="flex flex-wrap items-end gap-3">
        <Field label="Try it on" className="min-w-0 flex-1 basis-56">
          <Select value={isPasted ? "paste" : documentId} onChange={(event) => setChosen(event.target.value)}>
            {documents.rows.map((one) => (
              <option key={one.id} value={one.id}>
                {one.title}
              </option>
            ))}
            <option value="paste">A text of yours</option>
          </Select>
        </Field>
        <Button
          busy={action.busy}
          disabled={isPasted && text.trim() === ""}
          onClick={() => void action.run(look)}
        >
          Show the passages
        </Button>
      </div>
      {isPasted && (
        <Field label="Text" className="mt-3">
          <Textarea
            rows={5}
            maxLength={200_000}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </Field>
      )}
      {action.error !== null && <ErrorState error={action.error} className="mt-3" />}
      {preview && <Passages preview={preview} />}
    </section>
  );
}

function Passages({ preview }: { preview: ChunkingPreview }) {
  const { count, smallest, largest, isPart, chunks } = preview;
  return (
    <div className="mt-4">
      <p role="status" className="text-sm text-soft">
        {plural(count, "passage")}
        {count > 0 && ` of ${smallest} to ${largest} tokens`}
        {isPart && ", from the first 200,000 characters"}
        {count > chunks.length && `; the first ${chunks.length} are shown`}.
      </p>
      <ol className="mt-2 flex max-h-128 flex-col gap-2 overflow-y-auto" aria-label="Passages">
        {chunks.map((chunk) => (
          <li key={chunk.index} className="rounded-lg border border-line bg-sunken px-3 py-2">
            <p className="flex flex-wrap gap-x-3 text-sm text-faint">
              <span>{chunk.index + 1}</span>
              <span>{chunk.tokenCount} tokens</span>
              {chunk.page !== null && <span>page {chunk.page}</span>}
              {chunk.overlaps && <span>begins with the end of the one before</span>}
              {chunk.headings.length > 0 && (
                <span className="min-w-0 break-words">{chunk.headings.join(" › ")}</span>
              )}
            </p>
            <p className="mt-1 text-sm break-words whitespace-pre-wrap">{chunk.text}</p>
          </li>
        ))}
      </ol>
    </div>
  );
}
