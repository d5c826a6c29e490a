import { useSyncExternalStore } from "react";

/** Follows a CSS media query. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = matchMedia(query);
      list.addEventListener("change", changed);
      return () => list.removeEventListener("change", changed);
    },
    () => matchMedia(query).matches,
  );
}

/** Narrower than Tailwind's `md`. */
export const useIsPhone = () => useMedia("(max-width: 767px)");
