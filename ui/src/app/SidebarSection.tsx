import { createContext, type ReactNode, use, useMemo, useState } from "react";
import { createPortal } from "react-dom";

interface SidebarSlot {
  element: HTMLElement | null;
  setElement: (element: HTMLElement | null) => void;
  /** Closes the drawer on a phone; elsewhere it does nothing. */
  close: () => void;
}

const SlotContext = createContext<SidebarSlot>({ element: null, setElement: () => {}, close: () => {} });

export function SidebarSlotProvider({ close, children }: { close: () => void; children: ReactNode }) {
  const [element, setElement] = useState<HTMLElement | null>(null);
  const slot = useMemo(() => ({ element, setElement, close }), [element, close]);
  return <SlotContext value={slot}>{children}</SlotContext>;
}

export const useSidebarSlot = () => use(SlotContext);

/** Shows its children in the side navigation, below the rooms; a room uses it for its own list. */
export function SidebarSection({ children }: { children: ReactNode }) {
  const { element } = useSidebarSlot();
  return element ? createPortal(children, element) : null;
}
