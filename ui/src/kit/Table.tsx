import type { ComponentProps } from "react";
import { cx } from "./cx";

/** A table that scrolls sideways inside itself when the screen is narrow. */
export function Table({ className, label, ...rest }: ComponentProps<"table"> & { label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section aria-label={label} tabIndex={0} className="overflow-x-auto rounded-xl border bg-surface">
      <table className={cx("w-full border-collapse text-left text-sm", className)} {...rest} />
    </section>
  );
}

export function TableHead({ className, ...rest }: ComponentProps<"thead">) {
  return <thead className={cx("border-b bg-sunken/60 text-xs text-faint", className)} {...rest} />;
}

export function TableRow({ className, ...rest }: ComponentProps<"tr">) {
  return <tr className={cx("not-last:border-b", className)} {...rest} />;
}

export function HeadCell({ className, ...rest }: ComponentProps<"th">) {
  return <th scope="col" className={cx("px-4 py-2.5 font-medium whitespace-nowrap", className)} {...rest} />;
}

export function Cell({ className, ...rest }: ComponentProps<"td">) {
  return <td className={cx("px-4 py-3 align-middle", className)} {...rest} />;
}
