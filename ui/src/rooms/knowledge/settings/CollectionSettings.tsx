import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Archive, FileOutput, Trash2 } from "lucide-react";
import { useState } from "react";
import { type Answer, api, type Collection, urlOf } from "@/api";
import { queryClient } from "@/app/queries";
import {
  Button,
  buttonLook,
  Card,
  ConfirmDialog,
  ErrorState,
  plural,
  SkeletonRows,
  toast,
  toastError,
  useAction,
} from "@/kit";
import { allows } from "@/rooms/iam/shares/words";
import { collectionsChanged, documentsKey } from "../data";
import { ChunkingCard } from "./ChunkingForm";
import { MetadataForm } from "./MetadataForm";
import { RetrievalForm } from "./RetrievalForm";
import { SettingsForm } from "./SettingsForm";

const tagged = (id: string) => ["collection-tagged", id];

export function CollectionSettings({ id }: { id: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: tagged(id),
    queryFn: ({ signal }) => api.getTagged<Collection>(`/knowledge/collections/${id}`, { signal }),
    // The form keeps what it began with; a later state is compared when it is saved.
    staleTime: 0,
    refetchOnWindowFocus: false,
  });
  const renew = (answer: Answer<Collection>) => queryClient.setQueryData(tagged(id), answer);
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <SkeletonRows count={4} label="Loading the settings" />;
  return (
    <div className="flex max-w-2xl flex-col gap-5">
      <SettingsForm answer={data} onSaved={renew} />
      <ChunkingCard id={id} />
      <RetrievalForm key={data.etag} collection={data.data} onSaved={() => void refetch()} />
      <ExportCollection collection={data.data} />
      <MetadataForm key={`metadata ${data.etag}`} collection={data.data} onSaved={() => void refetch()} />
      {allows(data.data.myAccess, "manage") && data.data.status !== "archived" && (
        <ArchiveCollection collection={data.data} onDone={() => void refetch()} />
      )}
      {allows(data.data.myAccess, "manage") && <DeleteCollection collection={data.data} />}
    </div>
  );
}

function ExportCollection({ collection }: { collection: Collection }) {
  return (
    <Card className="flex flex-wrap items-center gap-4">
      <div className="min-w-0 flex-1 basis-60">
        <h2 className="font-medium">Export</h2>
        <p className="text-sm text-soft">
          A ZIP file with the documents you may see, their folders and metadata. Whoever imports it indexes
          them anew.
        </p>
      </div>
      <a
        href={urlOf(`/knowledge/collections/${collection.id}/export`)}
        download
        className={buttonLook("plain")}
      >
        <FileOutput aria-hidden />
        Export
      </a>
    </Card>
  );
}

function ArchiveCollection({ collection, onDone }: { collection: Collection; onDone: () => void }) {
  const action = useAction();
  const archive = async () => {
    try {
      await api.post(`/knowledge/collections/${collection.id}/archive`);
      await collectionsChanged(collection.id);
      onDone();
      toast.success(`${collection.name} is archived.`);
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <Card className="flex flex-wrap items-center gap-4">
      <div className="min-w-0 flex-1 basis-60">
        <h2 className="font-medium">Archive this collection</h2>
        <p className="text-sm text-soft">
          It stays as it is, and no search looks into it until it is restored.
        </p>
      </div>
      <Button icon={<Archive aria-hidden />} busy={action.busy} onClick={() => void action.run(archive)}>
        Archive
      </Button>
    </Card>
  );
}

function DeleteCollection({ collection }: { collection: Collection }) {
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const { id, name, documentCount, chunkCount } = collection;
  const remove = async () => {
    await api.delete(`/knowledge/collections/${id}`);
    await navigate({ to: "/knowledge" });
    queryClient.removeQueries({ queryKey: documentsKey(id) });
    queryClient.removeQueries({ queryKey: ["collection", id] });
    await collectionsChanged();
    toast.success(`${name} is deleted.`);
  };
  return (
    <Card className="flex flex-wrap items-center gap-4">
      <div className="min-w-0 flex-1 basis-60">
        <h2 className="font-medium">Delete this collection</h2>
        <p className="text-sm text-soft">All its documents go with it. This cannot be undone.</p>
      </div>
      <Button tone="danger" icon={<Trash2 aria-hidden />} onClick={() => setAsking(true)}>
        Delete…
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title="Delete this collection?"
        action="Delete collection"
        onConfirm={remove}
      >
        <strong className="font-medium break-words text-ink">{name}</strong> with{" "}
        {plural(documentCount, "document")}, their files and {plural(chunkCount, "chunk")} will be gone. Chats
        stay, with the words they quoted; API keys bound to it stop working.
      </ConfirmDialog>
    </Card>
  );
}
