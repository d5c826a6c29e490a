import { useSyncExternalStore } from "react";

export type ThemeChoice = "system" | "light" | "dark";

/** The same name is read by public/theme.js before the first paint. */
const key = "lyceum.theme";
const systemDark = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function choice(): ThemeChoice {
  try {
    const stored = localStorage.getItem(key);
    return stored === "light" || stored === "dark" ? stored : "system";
  } catch {
    return "system";
  }
}

function resolve(): "light" | "dark" {
  const chosen = choice();
  if (chosen !== "system") return chosen;
  return systemDark.matches ? "dark" : "light";
}

function apply(): void {
  document.documentElement.dataset.theme = resolve();
  for (const listener of listeners) listener();
}

systemDark.addEventListener("change", apply);
// Another tab of the same browser chose a theme.
addEventListener("storage", (event) => {
  if (event.key === key) apply();
});

export function setTheme(next: ThemeChoice): void {
  try {
    if (next === "system") localStorage.removeItem(key);
    else localStorage.setItem(key, next);
  } catch {
    // Storage is blocked: the choice then lasts as long as the page.
  }
  document.documentElement.dataset.theme = next === "system" ? resolve() : next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What the person chose, and what that means right now. */
export function useTheme(): { choice: ThemeChoice; theme: "light" | "dark" } {
  const theme = useSyncExternalStore(subscribe, () =>
    document.documentElement.dataset.theme === "dark" ? "dark" : "light",
  );
  const chosen = useSyncExternalStore(subscribe, choice);
  return { choice: chosen, theme };
}
