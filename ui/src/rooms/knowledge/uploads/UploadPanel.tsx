import { Link } from "@tanstack/react-router";
import { CircleAlert, CircleCheck, Copy, RotateCw } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button, bytes, Card, count, cx, Progress, plural, toastError } from "@/kit";
import { retryDocument } from "../data";
import { stepWords, wayOf } from "../documents/DocumentState";
import { countUploads, isSettled, type Upload, type UploadCounts } from "./queue";
import { uploadsInto, useUploads } from "./store";

/** Rows shown before "Show all"; a folder of thousands would bury the page. */
const shownAtOnce = 8;

/** Every file on its way into this collection, and what became of it. */
export function UploadPanel({ collectionId }: { collectionId: string }) {
  const uploads = useUploads(collectionId);
  const [all, setAll] = useState(false);
  if (uploads.length === 0) return null;
  const queue = uploadsInto(collectionId);
  const counts = countUploads(uploads);
  const lost = uploads.filter((one) => one.phase === "failed").map((one) => one.key);
  // What needs a look comes first, then what is moving.
  const sorted = [...uploads].sort((a, b) => weight(a) - weight(b));
  const shown = all ? sorted.slice(0, 500) : sorted.slice(0, shownAtOnce);
  const done = uploads.reduce((sum, one) => sum + wayOfUpload(one), 0) / uploads.length;
  return (
    <Card className="mb-6 p-0!">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b px-4 py-3">
        <h2 className="text-sm font-medium">
          {counts.inWork > 0
            ? `Adding ${plural(counts.all, "file")}`
            : `${plural(counts.all, "file")} looked at`}
        </h2>
        <p className="min-w-0 flex-1 text-sm text-soft" aria-live="polite">
          {summary(counts)}
        </p>
        {lost.length > 1 && (
          <Button size="sm" icon={<RotateCw aria-hidden />} onClick={() => queue.again(lost)}>
            Try {lost.length} again
          </Button>
        )}
        {queue.batchId && (
          <Link
            to="/knowledge/$collectionId"
            params={{ collectionId }}
            search={{ batch: queue.batchId }}
            className="text-sm text-accent underline"
          >
            List them
          </Link>
        )}
        {counts.inWork < counts.all && (
          <Button size="sm" tone="quiet" onClick={() => queue.dismissSettled()}>
            {counts.inWork > 0 ? "Clear finished" : "Close"}
          </Button>
        )}
      </div>
      {counts.inWork > 0 && (
        <div className="border-b px-4 py-3">
          <Progress value={done} label="All files" />
          <p className="mt-2 text-xs text-faint">
            {queue.isSending
              ? "You can walk around in Lyceum meanwhile. Keep this tab open until the files are sent."
              : "Everything is sent. You can leave; the server goes on by itself."}
          </p>
        </div>
      )}
      <ul className="divide-y">
        {shown.map((upload) => (
          <UploadRow key={upload.key} upload={upload} onAgain={() => queue.again([upload.key])} />
        ))}
      </ul>
      {uploads.length > shownAtOnce && (
        <div className="border-t p-2 text-center">
          <Button size="sm" tone="quiet" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? "Show fewer" : `Show all ${count(uploads.length)}`}
          </Button>
        </div>
      )}
    </Card>
  );
}

function summary({ ready, inWork, duplicates, failed }: UploadCounts): string {
  const parts = [
    ready > 0 && `${count(ready)} ready`,
    inWork > 0 && `${count(inWork)} in work`,
    duplicates > 0 && `${count(duplicates)} already here`,
    failed > 0 && `${count(failed)} not taken`,
  ];
  return parts.filter(Boolean).join(" · ");
}

function weight(upload: Upload): number {
  if (upload.phase === "failed" || upload.phase === "refused" || upload.document?.status === "failed")
    return 0;
  if (upload.phase === "uploading" || upload.document?.status === "processing") return 1;
  if (!isSettled(upload)) return 2;
  return upload.phase === "duplicate" ? 3 : 4;
}

/** Sending is a third of the way, what the server does with it the rest. */
function wayOfUpload(upload: Upload): number {
  if (isSettled(upload)) return 100;
  if (upload.phase === "sent") return upload.document ? 33 + wayOf(upload.document) * 0.67 : 33;
  return upload.share * 33;
}

function UploadRow({ upload, onAgain }: { upload: Upload; onAgain: () => void }) {
  const { document, phase } = upload;
  const failedInside = phase === "sent" && document?.status === "failed";
  const isBad = failedInside || phase === "refused" || phase === "failed";
  const reason = failedInside ? (document.errorMessage ?? "It could not be read.") : upload.reason;
  const retry = async () => {
    if (phase === "failed") return onAgain();
    if (!document) return;
    try {
      uploadsInto(document.collectionId).tell(await retryDocument(document));
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <li className="flex items-start gap-3 px-4 py-2.5 text-sm">
      <span className="mt-0.5 [&_svg]:size-4.5">{icon(upload, isBad)}</span>
      <div className="min-w-0 flex-1">
        <div className="flex flex-wrap items-baseline gap-x-3">
          <span className="min-w-0 flex-1 basis-40 truncate" title={upload.name}>
            {upload.name}
          </span>
          <span className={cx("text-xs tabular-nums", isBad ? "text-danger" : "text-faint")}>
            {words(upload)}
            {phase === "uploading" && <span className="text-faint"> of {bytes(upload.size)}</span>}
          </span>
        </div>
        {!isSettled(upload) && phase !== "waiting" && (
          <Progress value={wayOfUpload(upload)} label={upload.name} className="mt-1.5" />
        )}
        {reason && <p className={cx("mt-0.5 break-words", isBad ? "text-danger" : "text-soft")}>{reason}</p>}
        {phase === "duplicate" && document && (
          <Link
            to="/knowledge/$collectionId/documents/$documentId"
            params={{ collectionId: document.collectionId, documentId: document.id }}
            className="text-accent underline"
          >
            Open the one that is here
          </Link>
        )}
      </div>
      {(phase === "failed" || failedInside) && (
        <Button size="sm" icon={<RotateCw aria-hidden />} onClick={() => void retry()}>
          Retry
        </Button>
      )}
    </li>
  );
}

function icon(upload: Upload, isBad: boolean): ReactNode {
  if (isBad) return <CircleAlert className="text-danger" aria-hidden />;
  if (upload.phase === "duplicate") return <Copy className="text-warn" aria-hidden />;
  if (isSettled(upload)) return <CircleCheck className="text-good" aria-hidden />;
  return <span className="block size-4.5 rounded-full border-2 border-line-strong" aria-hidden />;
}

function words(upload: Upload): string {
  switch (upload.phase) {
    case "waiting":
      return "In the queue";
    case "uploading":
      return upload.share < 1 ? `Uploading ${Math.floor(upload.share * 100)} %` : "Being checked";
    case "duplicate":
      return "Already here";
    case "refused":
      return "Refused";
    case "failed":
      return "Not sent";
    case "sent":
      return upload.document ? stepWords(upload.document) : "Sent";
  }
}
