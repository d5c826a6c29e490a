import { type ReactNode, useId } from "react";
import { cx } from "./cx";

interface PageProps {
  title: ReactNode;
  /** Above the title: where this page hangs. */
  trail?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}

/** The frame of every page that scrolls as a whole: heading, actions, content. Also sets the document's title. */
export function Page({ title, trail, description, actions, wide, children }: PageProps) {
  return (
    <div data-page-scroll className="h-full overflow-y-auto">
      {typeof title === "string" && <title>{`${title} · Lyceum`}</title>}
      <div className={cx("mx-auto px-4 py-6 sm:px-8 sm:py-9", wide ? "max-w-7xl" : "max-w-5xl")}>
        {trail && <div className="mb-2 text-sm text-faint">{trail}</div>}
        <header className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-4">
          <div className="min-w-0 flex-1 basis-64">
            <h1 className="font-serif text-2xl font-semibold break-words sm:text-3xl">{title}</h1>
            {description && <div className="mt-1.5 max-w-2xl text-soft">{description}</div>}
          </div>
          {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
        </header>
        {children}
      </div>
    </div>
  );
}

interface SectionProps {
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A part of a page under a heading of its own. */
export function Section({ title, description, actions, children }: SectionProps) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <div className="mb-3 flex flex-wrap items-end justify-between gap-3">
        <div className="min-w-0 flex-1 basis-60">
          <h2 id={id} className="font-serif text-lg font-semibold">
            {title}
          </h2>
          {description && <div className="max-w-2xl text-sm text-soft">{description}</div>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </div>
      {children}
    </section>
  );
}

/** A surface that groups what belongs together. */
export function Card({ className, children }: { className?: string; children: ReactNode }) {
  return (
    <section className={cx("rounded-2xl border bg-surface p-5 shadow-card", className)}>{children}</section>
  );
}
