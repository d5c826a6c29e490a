import { X } from "lucide-react";
import { Dialog as RadixDialog } from "radix-ui";
import { type ReactNode, useState } from "react";
import { Button, buttonLook } from "./Button";
import { cx } from "./cx";
import { Field, Input } from "./Field";
import { ErrorState } from "./States";
import { useAction } from "./useAction";

interface LayerProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  /** Hides the title on screen; it is still what a screen reader announces. */
  titleHidden?: boolean;
  description?: ReactNode;
  className?: string;
  children: ReactNode;
}

const scrim = "fixed inset-0 z-40 animate-fade bg-black/40";

function Heading({
  title,
  titleHidden,
  description,
}: Pick<LayerProps, "title" | "titleHidden" | "description">) {
  if (titleHidden) return <RadixDialog.Title className="sr-only">{title}</RadixDialog.Title>;
  return (
    <div className="min-w-0 pr-9">
      <RadixDialog.Title className="font-serif text-xl font-semibold">{title}</RadixDialog.Title>
      {description && (
        <RadixDialog.Description className="mt-1 text-sm text-soft">{description}</RadixDialog.Description>
      )}
    </div>
  );
}

/** Last in the document, so that a form's first field gets the focus; and without a tooltip, which would take the first Esc. */
function CornerClose() {
  return (
    <RadixDialog.Close
      aria-label="Close"
      className={buttonLook("quiet", "sm", "absolute! top-4 right-3.5 w-8 px-0!")}
    >
      <X />
    </RadixDialog.Close>
  );
}

/** For a screen reader on a phone, which has neither Esc nor an outside to tap. */
function HiddenClose() {
  return <RadixDialog.Close className="sr-only">Close</RadixDialog.Close>;
}

/** A question or a short form in the middle of the page. */
export function Dialog({ open, onOpenChange, className, children, ...heading }: LayerProps) {
  return (
    <RadixDialog.Root open={open} onOpenChange={onOpenChange}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className={scrim} />
        <RadixDialog.Content
          {...(heading.description ? {} : { "aria-describedby": undefined })}
          className={cx(
            "fixed top-1/2 left-1/2 z-40 flex max-h-[min(88dvh,48rem)] w-[min(94vw,32rem)] -translate-1/2 flex-col gap-4 overflow-y-auto",
            "animate-fade rounded-2xl border bg-raised p-5 shadow-float focus-visible:outline-none sm:p-6",
            className,
          )}
        >
          <Heading {...heading} />
          {children}
          {heading.titleHidden ? <HiddenClose /> : <CornerClose />}
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}

interface SheetProps extends LayerProps {
  side?: "left" | "right";
}

/** A panel from the side; on a phone it comes from below (right) or stays at the side (left). */
export function Sheet({ open, onOpenChange, side = "right", className, children, ...heading }: SheetProps) {
  return (
    <RadixDialog.Root open={open} onOpenChange={onOpenChange}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className={scrim} />
        <RadixDialog.Content
          onOpenAutoFocus={(event) => {
            // The panel itself, not its first button, whose tooltip would open over the page.
            event.preventDefault();
            (event.currentTarget as HTMLElement | null)?.focus();
          }}
          {...(heading.description ? {} : { "aria-describedby": undefined })}
          className={cx(
            "fixed z-40 flex flex-col overflow-hidden bg-raised shadow-float focus-visible:outline-none",
            side === "left"
              ? "inset-y-0 left-0 w-[min(86vw,20rem)] animate-slide-left border-r"
              : "inset-x-0 bottom-0 h-[86dvh] animate-slide-up rounded-t-2xl border-t md:inset-y-0 md:right-0 md:left-auto md:h-auto md:w-[min(60vw,34rem)] md:animate-slide-right md:rounded-none md:border-t-0 md:border-l",
            className,
          )}
        >
          <div className={heading.titleHidden ? "contents" : "border-b px-5 py-4"}>
            <Heading {...heading} />
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto">{children}</div>
          {heading.titleHidden ? <HiddenClose /> : <CornerClose />}
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}

interface ConfirmDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  /** Says what will be gone, or what happens next. */
  children: ReactNode;
  /** The verb on the button: "Delete collection", not "OK". */
  action: string;
  danger?: boolean;
  /** A word that must be typed first, for what nobody can take back. */
  typed?: string;
  /** The dialog closes when it succeeds; when it throws, the dialog stays open and says why. */
  onConfirm: () => unknown | Promise<unknown>;
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  const { open, onOpenChange, title } = props;
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={title} className="w-[min(94vw,27rem)]">
      <Question {...props} />
    </Dialog>
  );
}

/** Lives as long as the dialog is open, so that the next question starts without the last one's error. */
function Question(props: ConfirmDialogProps) {
  const { onOpenChange, children, action, danger = true, typed, onConfirm } = props;
  const { busy, error, run } = useAction();
  const [word, setWord] = useState("");
  const confirm = async () => {
    if (await run(async () => onConfirm())) onOpenChange(false);
  };
  return (
    <>
      <div className="text-sm text-soft">{children}</div>
      {typed !== undefined && (
        <Field label={`Type “${typed}” to confirm`}>
          <Input
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            value={word}
            onChange={(event) => setWord(event.target.value)}
          />
        </Field>
      )}
      {error !== null && <ErrorState error={error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={() => onOpenChange(false)}>Cancel</Button>
        <Button
          tone={danger ? "danger" : "primary"}
          busy={busy}
          disabled={typed !== undefined && word.trim() !== typed}
          onClick={() => void confirm()}
        >
          {action}
        </Button>
      </div>
    </>
  );
}
