import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useState } from "react";
import { api, type Document, type Page } from "@/api";
import { Button, ErrorState, IconButton, SearchBox } from "@/kit";
import { documentQuery } from "../data";

interface ParentFieldProps {
  document: Document;
  parentId: string | null;
  onChange: (id: string | null) => void;
}

/** Which document of the same collection this one belongs to. */
export function ParentField({ document, parentId, onChange }: ParentFieldProps) {
  const [choosing, setChoosing] = useState(false);
  const [text, setText] = useState("");
  const parent = useQuery({ ...documentQuery(parentId ?? ""), enabled: parentId !== null });
  const found = useQuery({
    queryKey: ["documents-to-choose", document.collectionId, text],
    queryFn: ({ signal }) =>
      api.get<Page<Document>>(`/knowledge/collections/${document.collectionId}/documents`, {
        query: { q: text, limit: 8 },
        signal,
      }),
    enabled: choosing,
    placeholderData: (previous) => previous,
  });
  const rows = (found.data?.data ?? []).filter((one) => one.id !== document.id);
  const choose = (id: string | null) => {
    onChange(id);
    setChoosing(false);
  };
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1.5 text-sm font-medium">
        Belongs to <span className="font-normal text-faint">(optional)</span>
      </legend>
      <div className="flex items-center gap-2 text-sm">
        <p className="min-w-0 flex-1 break-words">
          {parentId === null
            ? "Nothing; it stands by itself."
            : (parent.data?.title ?? (parent.isError ? "A document you may not see" : "…"))}
        </p>
        {parentId !== null && (
          <IconButton label="Let it stand by itself" onClick={() => choose(null)}>
            <X />
          </IconButton>
        )}
        <Button size="sm" aria-expanded={choosing} onClick={() => setChoosing(!choosing)}>
          {choosing ? "Leave it" : "Choose…"}
        </Button>
      </div>
      {choosing && (
        <div className="rounded-xl border bg-sunken p-3">
          <SearchBox
            label="Title of the document it belongs to"
            placeholder="Title"
            value={text}
            onSearch={setText}
          />
          {found.error ? (
            <ErrorState error={found.error} retry={() => void found.refetch()} className="mt-2" />
          ) : (
            <ul aria-label="Documents to choose from" className="mt-2 flex flex-col">
              {rows.map((one) => (
                <li key={one.id}>
                  <button
                    type="button"
                    onClick={() => choose(one.id)}
                    className="w-full rounded-lg px-2.5 py-1.5 text-left text-sm break-words hover:bg-surface"
                  >
                    {one.title}
                  </button>
                </li>
              ))}
              {found.data && rows.length === 0 && (
                <li className="px-2.5 py-1.5 text-sm text-faint">No other document has this in its title.</li>
              )}
            </ul>
          )}
        </div>
      )}
    </fieldset>
  );
}
