import { Tabs as RadixTabs } from "radix-ui";
import { type ReactNode, type RefObject, useEffect, useRef } from "react";
import { cx } from "./cx";

export interface Tab<T extends string> {
  id: T;
  label: ReactNode;
  content: ReactNode;
}

interface TabsProps<T extends string> {
  /** What the tabs choose between, read aloud. */
  label: string;
  tabs: Tab<T>[];
  value: T;
  onChange: (id: T) => void;
  className?: string;
}

/** Scrolls the current one of a row of tabs into sight where the row is wider than the screen; the page itself stays. */
export function useShownCurrent(row: RefObject<HTMLElement | null>, current: string): void {
  useEffect(() => {
    const tab =
      current && row.current?.querySelector<HTMLElement>("[data-state=active], [aria-current=page]");
    if (!tab || !row.current) return;
    const middle = tab.offsetLeft - row.current.offsetLeft + tab.offsetWidth / 2;
    row.current.scrollLeft = middle - row.current.clientWidth / 2;
  }, [row, current]);
}

export function Tabs<T extends string>({ label, tabs, value, onChange, className }: TabsProps<T>) {
  const list = useRef<HTMLDivElement>(null);
  useShownCurrent(list, value);
  return (
    <RadixTabs.Root value={value} onValueChange={(next) => onChange(next as T)} className={className}>
      <RadixTabs.List ref={list} aria-label={label} className="flex gap-1 overflow-x-auto border-b">
        {tabs.map((tab) => (
          <RadixTabs.Trigger
            key={tab.id}
            value={tab.id}
            className={cx(
              "-mb-px shrink-0 border-b-2 border-transparent px-3 py-2.5 text-sm font-medium text-faint hover:text-ink",
              "focus-visible:-outline-offset-2 data-[state=active]:border-accent data-[state=active]:text-ink",
            )}
          >
            {tab.label}
          </RadixTabs.Trigger>
        ))}
      </RadixTabs.List>
      {tabs.map((tab) => (
        <RadixTabs.Content key={tab.id} value={tab.id} className="pt-5 focus-visible:outline-offset-4">
          {tab.content}
        </RadixTabs.Content>
      ))}
    </RadixTabs.Root>
  );
}
