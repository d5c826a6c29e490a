import { CircleAlert, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { sentenceOf } from "@/api";
import { Button } from "./Button";
import { cx } from "./cx";

interface EmptyStateProps {
  icon?: ReactNode;
  title: ReactNode;
  /** What this page is for, in a sentence or two. */
  children: ReactNode;
  /** The one primary action. */
  action?: ReactNode;
  className?: string;
}

export function EmptyState({ icon, title, children, action, className }: EmptyStateProps) {
  return (
    <div
      className={cx(
        "mx-auto flex max-w-md flex-col items-center gap-3 px-4 py-16 text-center [&>svg]:size-9 [&>svg]:text-accent",
        className,
      )}
    >
      {icon}
      <h2 className="font-serif text-xl font-semibold">{title}</h2>
      <div className="text-soft">{children}</div>
      {action && <div className="mt-2">{action}</div>}
    </div>
  );
}

interface AlertProps {
  retry?: () => void;
  retryLabel?: string;
  className?: string;
  children: ReactNode;
}

/** Something failed, in a sentence, with the way to try it again. */
export function Alert({ retry, retryLabel = "Try again", className, children }: AlertProps) {
  return (
    <div
      role="alert"
      className={cx(
        "flex flex-wrap items-center gap-3 rounded-xl bg-danger-wash px-4 py-3 text-sm text-danger",
        className,
      )}
    >
      <CircleAlert className="size-5 shrink-0" aria-hidden />
      <p className="min-w-0 flex-1 basis-48 break-words">{children}</p>
      {retry && (
        <Button size="sm" icon={<RotateCw aria-hidden />} onClick={retry} className="text-ink">
          {retryLabel}
        </Button>
      )}
    </div>
  );
}

interface ErrorStateProps {
  error: unknown;
  retry?: () => void;
  className?: string;
}

/** An Alert for anything that was thrown. */
export function ErrorState({ error, ...rest }: ErrorStateProps) {
  return <Alert {...rest}>{sentenceOf(error)}</Alert>;
}
