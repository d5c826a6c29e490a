import { useQuery } from "@tanstack/react-query";
import { api, type DocumentRemoval } from "@/api";
import { queryClient } from "@/app/queries";
import { bytes, ConfirmDialog, ErrorState, plural, Skeleton, toast } from "@/kit";
import { collectionsChanged, documentsKey, foldersChanged } from "../data";

interface DeleteManyProps {
  collectionId: string;
  /** What they must be like, as the server is told; every document without it. */
  where: Record<string, unknown> | null;
  /** The same in words: "with “draft” in their title". */
  words: string;
  onClose: () => void;
}

/** Deletes what a list shows, however much of it was read: counted first, and exactly that many or none. */
export function DeleteMany({ collectionId, where, words, onClose }: DeleteManyProps) {
  const path = `/knowledge/collections/${collectionId}/documents/delete`;
  const which = where ? { where } : { all: true };
  const { data, error } = useQuery({
    queryKey: ["documents-removal", collectionId, which],
    queryFn: () => api.post<DocumentRemoval>(path, { ...which, dryRun: true }),
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const remove = async () => {
    if (!data) throw new Error("Wait until they are counted.");
    const gone = await api.post<DocumentRemoval>(path, { ...which, confirm: data.documents });
    await Promise.all([
      queryClient.invalidateQueries({ queryKey: documentsKey(collectionId) }),
      collectionsChanged(collectionId),
      foldersChanged(collectionId),
    ]);
    toast.success(`${plural(gone.documents, "document")} deleted.`);
  };
  if (data?.documents === 0)
    return (
      <ConfirmDialog
        open
        onOpenChange={(open) => !open && onClose()}
        title="There is nothing to delete"
        action="Close"
        danger={false}
        onConfirm={onClose}
      >
        No document {words} is here.
      </ConfirmDialog>
    );
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={data ? `Delete ${plural(data.documents, "document")}?` : "Delete documents?"}
      action={data ? `Delete ${plural(data.documents, "document")}` : "Delete"}
      typed={data && data.documents > 1 ? String(data.documents) : undefined}
      onConfirm={remove}
    >
      {error ? (
        <ErrorState error={error} />
      ) : !data ? (
        <Skeleton className="h-16" />
      ) : (
        <>
          Every document {words}: {plural(data.chunks, "chunk")} and {bytes(data.bytes)} of originals go with
          them. This cannot be undone; archiving them can.
        </>
      )}
    </ConfirmDialog>
  );
}
