import { HoverCard as RadixHoverCard, Tooltip as RadixTooltip } from "radix-ui";
import { type ReactElement, type ReactNode, useState } from "react";

/** Wrap the application once. */
export function TooltipProvider({ children }: { children: ReactNode }) {
  return (
    <RadixTooltip.Provider delayDuration={450} skipDelayDuration={150}>
      {children}
    </RadixTooltip.Provider>
  );
}

interface TooltipProps {
  label: ReactNode;
  side?: "top" | "bottom" | "left" | "right";
  children: ReactElement;
}

/** A few words beside a control that already has a name of its own. */
export function Tooltip({ label, side = "top", children }: TooltipProps) {
  return (
    <RadixTooltip.Root>
      <RadixTooltip.Trigger asChild>{children}</RadixTooltip.Trigger>
      <RadixTooltip.Portal>
        <RadixTooltip.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 max-w-72 animate-fade rounded-md bg-ink px-2 py-1 text-xs text-paper shadow-float"
        >
          {label}
        </RadixTooltip.Content>
      </RadixTooltip.Portal>
    </RadixTooltip.Root>
  );
}

interface HoverCardProps {
  content: ReactNode;
  children: ReactElement;
  /** Keeps it shut, for when what it says is already on the page. */
  disabled?: boolean;
  className?: string;
}

/** More about what is under the pointer or has the focus. Never the only way to something: a touch does not hover. */
export function HoverCard({ content, children, disabled = false, className }: HoverCardProps) {
  const [open, setOpen] = useState(false);
  return (
    <RadixHoverCard.Root
      open={open && !disabled}
      // Opening is not remembered while shut, or the card would jump out later.
      onOpenChange={(next) => setOpen(next && !disabled)}
      openDelay={200}
      closeDelay={120}
    >
      <RadixHoverCard.Trigger asChild>{children}</RadixHoverCard.Trigger>
      <RadixHoverCard.Portal>
        <RadixHoverCard.Content
          side="top"
          sideOffset={6}
          collisionPadding={12}
          className={`z-50 w-80 animate-rise rounded-xl border bg-raised p-3.5 text-sm shadow-float ${className ?? ""}`}
        >
          {content}
        </RadixHoverCard.Content>
      </RadixHoverCard.Portal>
    </RadixHoverCard.Root>
  );
}
