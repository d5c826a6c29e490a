import { Link } from "@tanstack/react-router";
import { Search, SquarePen } from "lucide-react";
import { type KeyboardEvent, useDeferredValue, useMemo, useState } from "react";
import type { Conversation } from "@/api";
import { usePages } from "@/api";
import { useSidebarSlot } from "@/app/SidebarSection";
import { Button, buttonLook, ErrorState, SkeletonRows } from "@/kit";
import { conversationsKey } from "../data";
import { ConversationRow } from "./ConversationRow";
import { groupByAge } from "./groups";

/** The chats in the side navigation: search, then rows under sticky dates. Arrow keys move between the rows. */
export function ConversationList({ current }: { current: string | undefined }) {
  const { close } = useSidebarSlot();
  const [text, setText] = useState("");
  const q = useDeferredValue(text.trim());
  const list = usePages<Conversation>([...conversationsKey, "list"], "/chat/conversations", { query: { q } });
  const groups = useMemo(() => groupByAge(list.rows, new Date()), [list.rows]);

  return (
    <section aria-label="Chats" className="mt-3 flex min-h-0 flex-1 flex-col border-t pt-2">
      <div className="flex items-center gap-1 px-2 pb-2">
        <label className="relative flex-1">
          <span className="sr-only">Search chats</span>
          <Search
            className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-faint"
            aria-hidden
          />
          <input
            type="search"
            value={text}
            onChange={(event) => setText(event.target.value)}
            placeholder="Search chats"
            className="h-9 w-full rounded-lg bg-line/40 pr-2 pl-8.5 text-sm"
          />
        </label>
        <Link
          to="/chat"
          activeOptions={{ exact: true }}
          onClick={close}
          aria-label="New chat"
          title="New chat (Ctrl+Shift+O)"
          className={buttonLook("quiet", "sm", "h-9! w-9 px-0! hover:bg-line/50!")}
        >
          <SquarePen />
        </Link>
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys only move the focus between the links inside */}
      <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-3" onKeyDown={moveFocus}>
        {list.isLoading ? (
          <SkeletonRows count={6} label="Loading chats" />
        ) : list.isError ? (
          <ErrorState error={list.error} retry={list.retry} />
        ) : list.rows.length === 0 ? (
          <p className="px-2.5 py-4 text-sm text-faint">
            {q ? `No chat mentions “${q}”.` : "Your chats will be listed here."}
          </p>
        ) : (
          groups.map((group) => (
            <section key={group.label} aria-label={group.label}>
              <h2 className="sticky top-0 z-10 bg-sunken px-2.5 pt-2 pb-1 text-xs font-medium text-faint">
                {group.label}
              </h2>
              <ul>
                {group.rows.map((row) => (
                  <ConversationRow
                    key={row.id}
                    conversation={row}
                    isCurrent={row.id === current}
                    onOpen={close}
                  />
                ))}
              </ul>
            </section>
          ))
        )}
        {list.hasMore && (
          <Button
            size="sm"
            tone="quiet"
            className="mt-1 w-full"
            busy={list.isLoadingMore}
            onClick={list.more}
          >
            Show older chats
          </Button>
        )}
      </div>
    </section>
  );
}

function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>("a[data-row]")];
  const at = links.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  event.preventDefault();
  links[at + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
}
