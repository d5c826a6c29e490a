import { Archive, Scissors } from "lucide-react";
import type { ReactNode } from "react";
import { api, type Collection } from "@/api";
import { Button, plural, toast, toastError, useAction } from "@/kit";
import { allows } from "@/rooms/iam/shares/words";
import { collectionsChanged } from "./data";

interface CollectionNoticeProps {
  collection: Collection;
  mayWrite: boolean;
  mayChange: boolean;
}

/** What is to be known of a collection before anything in it: that it is out of use, or has to be cut anew. */
export function CollectionNotice({ collection, mayWrite, mayChange }: CollectionNoticeProps) {
  const action = useAction();
  const { id, name, status, outdatedCount = 0, myAccess } = collection;
  const act = (verb: "restore" | "chunking/apply", done: string) =>
    action.run(async () => {
      try {
        await api.post(`/knowledge/collections/${id}/${verb}`);
        await collectionsChanged(id);
        toast.success(done);
      } catch (error) {
        toastError(error);
      }
    });
  if (status === "archived")
    return (
      <Notice icon={<Archive aria-hidden />}>
        <span className="min-w-0 flex-1 basis-60">
          {name} is archived: it can be read, and neither searched nor added to.
        </span>
        {mayChange && allows(myAccess, "manage") && (
          <Button
            size="sm"
            busy={action.busy}
            onClick={() => void act("restore", `${name} is in use again.`)}
          >
            Restore
          </Button>
        )}
      </Notice>
    );
  if (outdatedCount === 0) return null;
  return (
    <Notice icon={<Scissors aria-hidden />}>
      <span className="min-w-0 flex-1 basis-60" aria-live="polite">
        {status === "reindexing"
          ? `Being cut anew: ${plural(outdatedCount, "document")} to go. Searches use the old chunks of each until its new ones are ready.`
          : `${plural(outdatedCount, "document")} ${outdatedCount === 1 ? "was" : "were"} cut with other settings than the present ones.`}
      </span>
      {mayWrite && status !== "reindexing" && (
        <Button
          size="sm"
          busy={action.busy}
          onClick={() => void act("chunking/apply", "They are being cut anew.")}
        >
          Cut them anew
        </Button>
      )}
    </Notice>
  );
}

function Notice({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <div className="mb-5 flex flex-wrap items-center gap-3 rounded-xl bg-warn-wash px-4 py-3 text-sm text-warn [&>svg]:size-5 [&>svg]:shrink-0">
      {icon}
      {children}
    </div>
  );
}
