import { Check, Copy } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { Problem } from "@/api";
import { Button } from "./Button";
import { cx } from "./cx";
import { Dialog } from "./Dialog";
import { Field, Input } from "./Field";
import { ErrorState } from "./States";
import { toast } from "./Toast";
import type { Action } from "./useAction";

interface FormProps {
  action: Action;
  /** The verb on the button. */
  submit: string;
  disabled?: boolean;
  danger?: boolean;
  /** Fields that show their own error. */
  shown?: string[];
  onSubmit: () => Promise<unknown>;
  onCancel?: () => void;
  className?: string;
  children: ReactNode;
}

/** Fields, why they were refused, and the button; a second press while it is under way does nothing. */
export function Form(props: FormProps) {
  const { action, submit, disabled, danger, shown = [], onSubmit, onCancel, className, children } = props;
  const send = (event: FormEvent) => {
    event.preventDefault();
    // A form in a dialog is, for React, inside the form that opened it.
    event.stopPropagation();
    if (!action.busy && !disabled) void action.run(onSubmit);
  };
  return (
    <form onSubmit={send} className={cx("flex flex-col gap-4", className)}>
      {children}
      <FormError error={action.error} shown={shown} />
      <div className="flex flex-wrap justify-end gap-2">
        {onCancel && <Button onClick={onCancel}>Cancel</Button>}
        <Button type="submit" tone={danger ? "danger" : "primary"} busy={action.busy} disabled={disabled}>
          {submit}
        </Button>
      </div>
    </form>
  );
}

/** Why something was refused, unless the fields beside it say it already. */
export function FormError({ error, shown = [] }: { error: unknown; shown?: string[] }) {
  if (error === null || error === undefined) return null;
  const fields = error instanceof Problem ? Object.keys(error.fields) : [];
  if (fields.length > 0 && fields.every((field) => shown.includes(field))) return null;
  return <ErrorState error={error} />;
}

interface FormDialogProps extends Omit<FormProps, "onCancel" | "className"> {
  title: ReactNode;
  description?: ReactNode;
  wide?: boolean;
  onClose: () => void;
}

/** A short form in a dialog. It stays open until it succeeded; whoever sends decides when to close. */
export function FormDialog({ title, description, wide, onClose, ...form }: FormDialogProps) {
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={title}
      description={description}
      className={wide ? "w-[min(94vw,42rem)]!" : undefined}
    >
      <Form {...form} onCancel={onClose} />
    </Dialog>
  );
}

interface CopyFieldProps {
  label: string;
  value: string;
  onCopied?: () => void;
}

/** A value to take along: marked whole when it is touched, copied by the button. */
export function CopyField({ label, value, onCopied }: CopyFieldProps) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
      onCopied?.();
    } catch {
      toast.error("The browser does not let this page copy. Mark the text and copy it by hand.");
    }
  };
  return (
    <Field label={label}>
      <div className="flex gap-2">
        <Input
          readOnly
          spellCheck={false}
          className="font-mono"
          value={value}
          onFocus={(event) => event.target.select()}
        />
        <Button
          tone={isCopied ? "plain" : "primary"}
          icon={isCopied ? <Check aria-hidden /> : <Copy aria-hidden />}
          onClick={() => void copy()}
        >
          <span aria-live="polite">{isCopied ? "Copied" : "Copy"}</span>
        </Button>
      </div>
    </Field>
  );
}
