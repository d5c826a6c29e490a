import { Link, useNavigate } from "@tanstack/react-router";
import {
  Archive,
  ArchiveRestore,
  Download,
  Ellipsis,
  FileText,
  FolderInput,
  RotateCw,
  Trash2,
} from "lucide-react";
import { memo, useState } from "react";
import { type Document, urlOf } from "@/api";
import { ago, bytes, count, cx, IconButton, Menu, MenuItem, plural, toastError, when } from "@/kit";
import { retryDocument, turnDocument } from "../data";
import { MoveDocument } from "../folders/FolderDialogs";
import { DeleteDocument } from "./DeleteDocument";
import { DocumentState } from "./DocumentState";

/** The columns, shared by the head and the rows. On a phone a row is a title with a line below. */
export const columns =
  "grid grid-cols-[minmax(0,1fr)_auto_2.5rem] gap-x-3 px-3 md:grid-cols-[minmax(0,1fr)_9.5rem_3.5rem_4rem_5rem_5.5rem_2.5rem] md:px-4";

interface DocumentRowProps {
  document: Document;
  /** Which of how many; -1 while the end is not read yet. */
  place: number;
  of: number;
  top: number;
  height: number;
  mayWrite: boolean;
}

/** Remembered, because scrolling moves the list and not its rows. */
export const DocumentRow = memo(function DocumentRow(props: DocumentRowProps) {
  const { document, place, of, top, height, mayWrite } = props;
  const navigate = useNavigate();
  const [asking, setAsking] = useState<"delete" | "move" | null>(null);
  const isFailed = document.status === "failed";
  const retry = () => retryDocument(document).catch(toastError);
  const below = isFailed
    ? (document.errorMessage ?? "It could not be read.")
    : document.fileName && document.fileName !== document.title
      ? document.fileName
      : document.externalId;
  return (
    <li
      aria-posinset={place}
      aria-setsize={of}
      style={{ height, transform: `translateY(${top}px)` }}
      className={cx(columns, "absolute inset-x-0 top-0 items-center not-last:border-b hover:bg-sunken/60")}
    >
      <span className="min-w-0">
        <Link
          to="/knowledge/$collectionId/documents/$documentId"
          params={{ collectionId: document.collectionId, documentId: document.id }}
          preload={false}
          className="block truncate font-medium hover:underline"
          title={document.title}
        >
          {document.title}
        </Link>
        {below && (
          <span
            className={cx("block truncate text-xs", isFailed ? "text-danger" : "text-faint")}
            title={below}
          >
            {below}
          </span>
        )}
      </span>
      <span className="min-w-0">
        <DocumentState document={document} />
      </span>
      <span className="text-right text-soft tabular-nums max-md:hidden">
        <Figure value={document.pageCount} unit="page" />
      </span>
      <span className="text-right text-soft tabular-nums max-md:hidden">
        <Figure value={document.chunkCount} unit="chunk" />
      </span>
      <span className="text-right text-soft tabular-nums max-md:hidden">{bytes(document.sizeBytes)}</span>
      <span className="text-right text-faint max-md:hidden">
        <time dateTime={document.createdAt} title={when(document.createdAt)}>
          {ago(document.createdAt)}
        </time>
      </span>
      <span className="flex justify-end">
        <Menu
          trigger={
            <IconButton label={`Actions for ${document.title}`} side="left">
              <Ellipsis />
            </IconButton>
          }
        >
          <MenuItem
            icon={<FileText aria-hidden />}
            onSelect={() =>
              void navigate({
                to: "/knowledge/$collectionId/documents/$documentId",
                params: { collectionId: document.collectionId, documentId: document.id },
              })
            }
          >
            Open
          </MenuItem>
          {document.hasFile && (
            <MenuItem
              icon={<Download aria-hidden />}
              onSelect={() => window.location.assign(urlOf(`/knowledge/documents/${document.id}/content`))}
            >
              Download
            </MenuItem>
          )}
          {mayWrite && isFailed && (
            <MenuItem icon={<RotateCw aria-hidden />} onSelect={() => void retry()}>
              Retry
            </MenuItem>
          )}
          {mayWrite && (
            <MenuItem icon={<FolderInput aria-hidden />} onSelect={() => setAsking("move")}>
              Move to a folder…
            </MenuItem>
          )}
          {mayWrite && (
            <MenuItem
              icon={document.archivedAt ? <ArchiveRestore aria-hidden /> : <Archive aria-hidden />}
              onSelect={() => void turnDocument(document).catch(toastError)}
            >
              {document.archivedAt ? "Restore" : "Archive"}
            </MenuItem>
          )}
          {mayWrite && (
            <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={() => setAsking("delete")}>
              Delete…
            </MenuItem>
          )}
        </Menu>
        {asking === "delete" && <DeleteDocument document={document} onClose={() => setAsking(null)} />}
        {asking === "move" && <MoveDocument document={document} onClose={() => setAsking(null)} />}
      </span>
    </li>
  );
});

function Figure({ value, unit }: { value: number | null; unit: string }) {
  if (!value) return <span aria-hidden>–</span>;
  return (
    <>
      <span aria-hidden>{count(value)}</span>
      <span className="sr-only">{plural(value, unit)}</span>
    </>
  );
}
