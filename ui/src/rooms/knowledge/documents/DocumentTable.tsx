import { useVirtualizer } from "@tanstack/react-virtual";
import { Ellipsis, Search, Trash2, X } from "lucide-react";
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { type Document, usePages } from "@/api";
import {
  Button,
  cx,
  EmptyState,
  ErrorState,
  IconButton,
  Input,
  Menu,
  MenuItem,
  Select,
  SkeletonRows,
} from "@/kit";
import { documentPage, documentsKey } from "../data";
import { atTop } from "../folders/FolderPane";
import { DeleteMany } from "./DeleteMany";
import { columns, DocumentRow } from "./DocumentRow";

const rowHeight = 60;

const states = [
  { value: "", label: "All states" },
  { value: "indexed", label: "Ready" },
  { value: "processing", label: "In work" },
  { value: "pending", label: "Waiting" },
  { value: "failed", label: "Failed" },
  { value: "archived", label: "Archived" },
];

/** What stands in a folder itself; whoever looks for a word looks in all that lies in it. */
const placeOf = (folder: string | undefined, q: string) =>
  folder === atTop ? { top: true } : folder ? { folder, below: q !== "" } : {};

/** The same as the server is told when it shall delete them; folders with all that lies in them. Null is every document. */
function whereOf(status: string, q: string, folder: string | undefined, batch: string | undefined) {
  const where = {
    ...(status ? { status } : {}),
    ...(q ? { title: q } : {}),
    ...(batch ? { batch } : {}),
    ...(folder && folder !== atTop ? { folders: [folder] } : {}),
  };
  return Object.keys(where).length > 0 ? where : null;
}

function wordsOf(status: string, q: string, folder: string | undefined, batch: string | undefined): string {
  const state = states.find((one) => one.value === status)?.label.toLowerCase();
  const words = [
    status && `in the state “${state}”`,
    q && `with “${q}” in its title`,
    folder && folder !== atTop && "in this folder and in those that lie in it",
    batch && "of this upload",
  ].filter(Boolean);
  return words.length > 0 ? words.join(", ") : "of this collection, in whatever folder";
}

interface DocumentTableProps {
  collectionId: string;
  status: string;
  onStatus: (status: string) => void;
  /** A folder's id, "top" for what stands in none; everywhere without it. */
  folder?: string;
  /** Only what one batch brought. */
  batch?: string;
  /** Shows every document of the collection again. */
  onWhole: () => void;
  mayWrite: boolean;
  /** Shown when the collection has no document at all. */
  empty: ReactNode;
}

/** The documents of a collection, newest first. Only the rows in sight are on the page, so ten thousand scroll like ten. */
export function DocumentTable(props: DocumentTableProps) {
  const { collectionId, status, onStatus, folder, batch, onWhole, mayWrite, empty } = props;
  const [typed, setTyped] = useState("");
  const [q, setQ] = useState("");
  const [deleting, setDeleting] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setQ(typed.trim()), 250);
    return () => clearTimeout(timer);
  }, [typed]);
  const isFiltered = q !== "" || status !== "";
  const list = usePages<Document>(
    documentsKey(collectionId),
    `/knowledge/collections/${collectionId}/documents`,
    { query: { status, q, batch, ...placeOf(folder, q) }, limit: documentPage },
  );
  if (
    !isFiltered &&
    !folder &&
    !batch &&
    !list.isLoading &&
    !list.isError &&
    list.rows.length === 0 &&
    typed === ""
  )
    return empty;
  return (
    <>
      <div className="mb-3 flex flex-wrap gap-2">
        <div className="relative min-w-0 flex-1 basis-32">
          <Search
            className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-faint"
            aria-hidden
          />
          <Input
            type="text"
            aria-label="Find a document by its title"
            placeholder="Find by title…"
            className="px-9!"
            maxLength={200}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={(event) => event.key === "Escape" && setTyped("")}
          />
          {typed && (
            <IconButton label="Clear" className="absolute! top-1 right-1" onClick={() => setTyped("")}>
              <X />
            </IconButton>
          )}
        </div>
        <Select
          aria-label="State"
          className="w-36"
          value={status}
          onChange={(event) => onStatus(event.target.value)}
        >
          {states.map((one) => (
            <option key={one.value} value={one.value}>
              {one.label}
            </option>
          ))}
        </Select>
        {mayWrite && list.rows.length > 0 && (
          <Menu
            trigger={
              <IconButton label="All that is listed" size="md">
                <Ellipsis />
              </IconButton>
            }
          >
            <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={() => setDeleting(true)}>
              Delete all that is listed…
            </MenuItem>
          </Menu>
        )}
      </div>
      {batch && (
        <p className="mb-3 flex flex-wrap items-center gap-2 rounded-lg bg-accent-wash px-3 py-2 text-sm text-accent">
          <span className="flex-1">What one upload brought.</span>
          <Button size="sm" tone="quiet" onClick={onWhole}>
            Show all documents
          </Button>
        </p>
      )}
      {deleting && (
        <DeleteMany
          collectionId={collectionId}
          where={whereOf(status, q, folder, batch)}
          words={wordsOf(status, q, folder, batch)}
          onClose={() => setDeleting(false)}
        />
      )}
      {list.isError && list.rows.length === 0 ? (
        <ErrorState error={list.error} retry={list.retry} />
      ) : list.isLoading ? (
        <SkeletonRows count={6} label="Loading the documents" />
      ) : list.rows.length === 0 ? (
        <EmptyState
          title={isFiltered ? "No document is like that" : "Nothing stands here"}
          className="py-10!"
        >
          {!isFiltered
            ? folder === atTop
              ? "Every document stands in a folder."
              : "Drop files here to put them into this folder, or look into the folders in it."
            : q && status
              ? `None with “${q}” in its title is in this state.`
              : q
                ? `No title has “${q}” in it.`
                : "None is in this state right now."}
          {isFiltered && (
            <div className="mt-4">
              <Button
                onClick={() => {
                  setTyped("");
                  setQ("");
                  onStatus("");
                }}
              >
                {folder ? "Show all that is here" : "Show all documents"}
              </Button>
            </div>
          )}
        </EmptyState>
      ) : (
        <Rows list={list} mayWrite={mayWrite} />
      )}
    </>
  );
}

const scrollerOf = (element: HTMLElement | null) =>
  element?.closest<HTMLElement>("[data-page-scroll]") ?? null;

function Rows({ list, mayWrite }: { list: ReturnType<typeof usePages<Document>>; mayWrite: boolean }) {
  const { rows, hasMore, isLoadingMore, isError, more } = list;
  const body = useRef<HTMLUListElement>(null);
  const [margin, setMargin] = useState(0);

  // Where the rows begin inside the page that scrolls; it moves when the panel above them grows.
  useLayoutEffect(() => {
    const frame = scrollerOf(body.current);
    const content = frame?.firstElementChild;
    if (!frame || !content) return;
    const measure = () => {
      if (body.current)
        setMargin(
          Math.round(
            body.current.getBoundingClientRect().top - frame.getBoundingClientRect().top + frame.scrollTop,
          ),
        );
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(content);
    return () => observer.disconnect();
  }, []);

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scrollerOf(body.current),
    estimateSize: () => rowHeight,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 12,
    scrollMargin: margin,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const nearEnd = last > rows.length - 30;
  useEffect(() => {
    if (nearEnd && hasMore && !isLoadingMore && !isError) more();
  }, [nearEnd, hasMore, isLoadingMore, isError, more]);

  return (
    <div className="rounded-xl border bg-surface text-sm">
      <div
        aria-hidden
        className={cx(columns, "h-9 items-center border-b bg-sunken/60 text-xs text-faint max-md:hidden!")}
      >
        <span>Title</span>
        <span>State</span>
        <span className="text-right">Pages</span>
        <span className="text-right">Chunks</span>
        <span className="text-right">Size</span>
        <span className="text-right">Added</span>
      </div>
      <ul ref={body} aria-label="Documents" className="relative" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const document = rows[item.index];
          return (
            document && (
              <DocumentRow
                key={document.id}
                document={document}
                place={item.index + 1}
                of={hasMore ? -1 : rows.length}
                top={item.start - margin}
                height={rowHeight}
                mayWrite={mayWrite}
              />
            )
          );
        })}
      </ul>
      {isLoadingMore && (
        <p role="status" className="border-t px-4 py-3 text-center text-faint">
          Reading more…
        </p>
      )}
      {isError && (
        <div className="border-t p-3">
          <ErrorState error={list.error} retry={more} />
        </div>
      )}
    </div>
  );
}
