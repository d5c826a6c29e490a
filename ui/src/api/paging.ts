import { keepPreviousData, type QueryKey, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, type Query } from "./client";
import type { Page } from "./types";

/** A member is named by the account, everything else by an id of its own. */
type Identified = { id: string } | { userId: string };

/** All rows of the pages read so far. A row that moved between two pages appears once, where it was first seen. */
export function flatten<T extends Identified>(pages: readonly Page<T>[]): T[] {
  const seen = new Set<string>();
  const rows: T[] = [];
  for (const page of pages)
    for (const row of page.data) {
      const id = "id" in row ? row.id : row.userId;
      if (seen.has(id)) continue;
      seen.add(id);
      rows.push(row);
    }
  return rows;
}

/** The cursor of the page after the last one, or undefined at the end. A server that repeats a cursor ends the list. */
export function nextCursor<T>(last: Page<T>, used: readonly (string | null)[]): string | undefined {
  const next = last.next_cursor;
  return next && !used.includes(next) ? next : undefined;
}

export interface PagesOptions {
  query?: Query;
  limit?: number;
  enabled?: boolean;
  /** While other filters are read, the rows of the last ones stay, so that the list does not flicker under somebody who types. */
  keepRows?: boolean;
}

/** Reads a cursor list page by page; `rows` grows with `more()`. */
export function usePages<T extends Identified>(key: QueryKey, path: string, options: PagesOptions = {}) {
  const { query, limit = 50, enabled = true, keepRows = false } = options;
  const result = useInfiniteQuery({
    queryKey: [...key, query ?? {}, limit],
    enabled,
    placeholderData: keepRows ? keepPreviousData : undefined,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<T>>(path, { query: { ...query, limit, cursor: pageParam }, signal }),
    getNextPageParam: (last, _all, _param, used) => nextCursor(last, used),
  });
  const pages = result.data?.pages;
  const rows = useMemo(() => flatten(pages ?? []), [pages]);
  return {
    rows,
    isLoading: result.isPending && enabled,
    isError: result.isError,
    error: result.error,
    hasMore: result.hasNextPage,
    isLoadingMore: result.isFetchingNextPage,
    more: () => void result.fetchNextPage(),
    retry: () => void result.refetch(),
  };
}
