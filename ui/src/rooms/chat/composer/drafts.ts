/** Unsent text, per conversation, kept in this browser. */
const prefix = "lyceum.draft.";

export function readDraft(conversation: string): string {
  return read(prefix + conversation);
}

export function writeDraft(conversation: string, text: string): void {
  write(prefix + conversation, text);
}

/** The model a conversation was last asked with; empty is the organisation's default. */
export const readModel = (conversation: string): string => read(`lyceum.model.${conversation}`);
export const writeModel = (conversation: string, id: string): void =>
  write(`lyceum.model.${conversation}`, id);

/** The collections the last new chat was started with, or null when there was none yet. */
export function readCollections(): string[] | null {
  const stored = read("lyceum.collections");
  return stored ? stored.split(",").filter((id) => id !== "none") : null;
}
export const writeCollections = (ids: readonly string[]): void =>
  write("lyceum.collections", ids.length === 0 ? "none" : ids.join(","));

function read(key: string): string {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

function write(key: string, value: string): void {
  try {
    if (value) localStorage.setItem(key, value);
    else localStorage.removeItem(key);
  } catch {
    // Storage is full or blocked: the draft lives as long as the page then.
  }
}
