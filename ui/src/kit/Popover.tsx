import { Popover as RadixPopover } from "radix-ui";
import type { ReactElement, ReactNode } from "react";
import { cx } from "./cx";

interface PopoverProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  trigger: ReactElement;
  label: string;
  side?: "top" | "bottom";
  align?: "start" | "center" | "end";
  /** Runs when it has closed, in place of giving the focus back to the trigger. */
  onClosed?: () => void;
  className?: string;
  children: ReactNode;
}

/** A small surface with controls of its own, beside the control that opened it. */
export function Popover(props: PopoverProps) {
  const { open, onOpenChange, trigger, label, side = "bottom", align = "start", onClosed } = props;
  return (
    <RadixPopover.Root open={open} onOpenChange={onOpenChange}>
      <RadixPopover.Trigger asChild>{trigger}</RadixPopover.Trigger>
      <RadixPopover.Portal>
        <RadixPopover.Content
          aria-label={label}
          side={side}
          align={align}
          sideOffset={6}
          collisionPadding={8}
          onCloseAutoFocus={(event) => {
            if (!onClosed) return;
            event.preventDefault();
            onClosed();
          }}
          className={cx(
            "z-50 max-h-(--radix-popover-content-available-height) w-72 animate-rise overflow-y-auto rounded-xl border bg-raised text-sm shadow-float focus-visible:outline-none",
            props.className,
          )}
        >
          {props.children}
        </RadixPopover.Content>
      </RadixPopover.Portal>
    </RadixPopover.Root>
  );
}
