import { useQuery } from "@tanstack/react-query";
import { FileUp } from "lucide-react";
import { useRef, useState } from "react";
import { api, type Document, type Page, type Revision, type UploadReport, upload } from "@/api";
import { queryClient } from "@/app/queries";
import { Alert, Badge, Button, bytes, Dialog, ErrorState, SkeletonRows, toast, when } from "@/kit";
import { documentQuery, documentsArrived } from "../data";

interface RevisionsProps {
  document: Document;
  mayWrite: boolean;
  onClose: () => void;
}

/** What the document was before: one can open each, go back to one, or bring a new one. */
export function Revisions({ document, mayWrite, onClose }: RevisionsProps) {
  const key = ["revisions", document.id];
  const { data, error, refetch } = useQuery({
    // The live one changes when intake is done.
    queryKey: [...key, document.updatedAt],
    queryFn: ({ signal }) =>
      api.get<Page<Revision>>(`/knowledge/documents/${document.id}/revisions`, { signal }),
    placeholderData: (previous) => previous,
  });
  const [busy, setBusy] = useState<string | null>(null);
  const [refused, setRefused] = useState<unknown>(null);
  const input = useRef<HTMLInputElement>(null);
  const act = async (what: string, work: () => Promise<void>) => {
    setBusy(what);
    setRefused(null);
    try {
      await work();
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: key }),
        queryClient.invalidateQueries({ queryKey: documentQuery(document.id).queryKey }),
      ]);
    } catch (problem) {
      setRefused(problem);
    } finally {
      setBusy(null);
    }
  };
  const goBack = (revision: Revision) =>
    act(revision.id, async () => {
      const fresh = await api.post<Document>(`/knowledge/documents/${document.id}/rollback`, {
        revisionId: revision.id,
      });
      documentsArrived(document.collectionId, [fresh]);
      toast.success(
        `Going back to revision ${revision.number}. Until it is ready, searches use the present one.`,
      );
    });
  const bring = (file: File) =>
    act("new", async () => {
      const report = await upload<UploadReport>(
        `/knowledge/collections/${document.collectionId}/documents?replaces=${document.id}`,
        [file],
        () => {},
      );
      const item = report.items[0];
      if (item?.status === "accepted" && item.document) {
        documentsArrived(document.collectionId, [item.document]);
        toast.success("The new revision is taken. Until it is ready, searches use the present one.");
      } else
        throw new Error(
          item?.status === "unchanged"
            ? "This file is the one that is here already."
            : (item?.problem?.detail ?? "The file was not taken."),
        );
    });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Revisions"
      description="Answers keep pointing at the revision they quoted. Going back makes a new revision of the old content."
    >
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows count={2} label="Loading the revisions" />
      ) : (
        <ol className="divide-y rounded-xl border text-sm">
          {data.data.map((one) => (
            <li key={one.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2.5">
              <span className="font-medium tabular-nums">{one.number}</span>
              <span className="min-w-0 flex-1 text-faint">
                {when(one.createdAt)}
                {one.sizeBytes ? ` · ${bytes(one.sizeBytes)}` : ""}
                {one.note && ` · ${one.note}`}
              </span>
              {one.isLive ? (
                <Badge tone="good">Searched now</Badge>
              ) : one.status === "failed" ? (
                <Badge tone="danger">Failed</Badge>
              ) : one.status === "pending" || one.status === "processing" ? (
                <Badge tone="accent">In work</Badge>
              ) : (
                mayWrite &&
                one.canRestore && (
                  <Button
                    size="sm"
                    busy={busy === one.id}
                    disabled={busy !== null}
                    onClick={() => void goBack(one)}
                  >
                    Go back to it
                  </Button>
                )
              )}
            </li>
          ))}
        </ol>
      )}
      {refused !== null &&
        (refused instanceof Error && !("status" in refused) ? (
          <Alert>{refused.message}</Alert>
        ) : (
          <ErrorState error={refused} />
        ))}
      {mayWrite && document.hasFile && (
        <div className="flex justify-end">
          <input
            ref={input}
            type="file"
            hidden
            data-testid="revision"
            onChange={(event) => {
              const file = event.target.files?.[0];
              event.target.value = "";
              if (file) void bring(file);
            }}
          />
          <Button icon={<FileUp aria-hidden />} busy={busy === "new"} onClick={() => input.current?.click()}>
            Upload a new revision…
          </Button>
        </div>
      )}
    </Dialog>
  );
}
