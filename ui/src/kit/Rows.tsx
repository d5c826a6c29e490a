import { type ReactNode, useEffect, useEffectEvent, useState } from "react";
import { SkeletonRows } from "./Badge";
import { Button } from "./Button";
import { cx } from "./cx";
import { Input } from "./Field";
import { ErrorState } from "./States";

/** A list whose rows fold onto more lines where the screen is narrow. */
export function Rows({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul aria-label={label} className="rounded-2xl border bg-surface shadow-card">
      {children}
    </ul>
  );
}

interface RowProps {
  /** A picture or an icon at the start. */
  lead?: ReactNode;
  title: ReactNode;
  /** Under the title, in small letters. */
  detail?: ReactNode;
  /** What can be done with it; at the end of the first line. */
  actions?: ReactNode;
  className?: string;
  /** Badges and the like, between the two. */
  children?: ReactNode;
}

export function Row({ lead, title, detail, actions, className, children }: RowProps) {
  return (
    <li
      className={cx(
        "flex items-center gap-x-3.5 px-4 py-3 not-last:border-b [&>svg]:size-5 [&>svg]:text-faint",
        className,
      )}
    >
      {lead}
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-4 gap-y-1.5">
        <div className="min-w-0 flex-1 basis-56">
          <div className="text-sm font-medium break-words">{title}</div>
          {detail && <div className="text-sm break-words text-faint">{detail}</div>}
        </div>
        {children && <div className="flex flex-wrap items-center gap-1.5 text-sm">{children}</div>}
      </div>
      {actions && <div className="flex shrink-0 items-center gap-1">{actions}</div>}
    </li>
  );
}

interface PagedProps<T> {
  /** What usePages gave. */
  list: {
    rows: T[];
    isLoading: boolean;
    isError: boolean;
    error: unknown;
    hasMore: boolean;
    isLoadingMore: boolean;
    more: () => void;
    retry: () => void;
  };
  /** What is in it, for the one who waits: "the members". */
  what: string;
  empty: ReactNode;
  children: (rows: T[]) => ReactNode;
}

/** The states of a cursor list: loading, failed, empty, or its rows with the way to more of them. */
export function Paged<T>({ list, what, empty, children }: PagedProps<T>) {
  if (list.isError && list.rows.length === 0) return <ErrorState error={list.error} retry={list.retry} />;
  if (list.isLoading) return <SkeletonRows count={4} label={`Loading ${what}`} />;
  if (list.rows.length === 0) return empty;
  return (
    <>
      {children(list.rows)}
      {list.isError && <ErrorState error={list.error} retry={list.more} className="mt-3" />}
      {list.hasMore && !list.isError && (
        <div className="mt-3 text-center">
          <Button busy={list.isLoadingMore} onClick={list.more}>
            Show more
          </Button>
        </div>
      )}
    </>
  );
}

interface SearchBoxProps {
  label: string;
  placeholder: string;
  value: string;
  onSearch: (text: string) => void;
}

/** Searches while somebody types, once they pause. */
export function SearchBox({ label, placeholder, value, onSearch }: SearchBoxProps) {
  const [text, setText] = useState(value);
  const search = () => {
    if (text.trim() !== value) onSearch(text.trim());
  };
  const searchLater = useEffectEvent(search);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new letter begins the pause anew
  useEffect(() => {
    const timer = setTimeout(searchLater, 250);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <Input
      type="search"
      aria-label={label}
      placeholder={placeholder}
      className="max-w-72 flex-1 basis-48"
      value={text}
      onChange={(event) => setText(event.target.value)}
      // At once, or the search would still come after a click on what was found.
      onBlur={search}
    />
  );
}
