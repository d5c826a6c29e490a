import { useEffect, useEffectEvent } from "react";

export const isMac = /mac|iphone|ipad/i.test(navigator.platform);
export const modKey = isMac ? "⌘" : "Ctrl";

export interface Shortcut {
  keys: string[];
  does: string;
}

/** What the `?` sheet shows; the code that reacts is beside what it acts on. */
export const shortcuts: { area: string; items: Shortcut[] }[] = [
  {
    area: "Everywhere",
    items: [
      { keys: [modKey, "K"], does: "Go to anything" },
      { keys: [modKey, isMac ? "⇧" : "Shift", "O"], does: "New chat" },
      { keys: ["?"], does: "Show these shortcuts" },
    ],
  },
  {
    area: "In a chat",
    items: [
      { keys: ["/"], does: "Go to the message box" },
      { keys: ["Enter"], does: "Send" },
      { keys: ["Shift", "Enter"], does: "New line" },
      { keys: ["↑"], does: "Edit your last message (in an empty box)" },
      { keys: ["#"], does: "Choose collections (in an empty box)" },
      { keys: ["Esc"], does: "Stop the answer" },
      { keys: ["F6"], does: "Move between the answers and the message box" },
    ],
  },
];

interface Combination {
  key: string;
  mod?: boolean;
  shift?: boolean;
  /** Also reacts while somebody is typing. */
  whileTyping?: boolean;
}

/** Calls the handler when the combination is pressed; a handler that returns false leaves the key to others. */
export function useShortcut(combination: Combination, handler: (event: KeyboardEvent) => unknown): void {
  const { key, mod = false, shift, whileTyping = mod } = combination;
  const react = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || event.altKey) return;
    if (event.key.toLowerCase() !== key.toLowerCase()) return;
    if (mod !== (event.ctrlKey || event.metaKey)) return;
    if (shift !== undefined && shift !== event.shiftKey) return;
    if (!whileTyping && isTyping(event.target)) return;
    if (handler(event) !== false) event.preventDefault();
  });
  useEffect(() => {
    addEventListener("keydown", react);
    return () => removeEventListener("keydown", react);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
