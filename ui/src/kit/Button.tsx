import { LoaderCircle } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { cx } from "./cx";
import { Tooltip } from "./Tooltip";

type Tone = "primary" | "plain" | "quiet" | "danger";
type Size = "sm" | "md";

const tones: Record<Tone, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-strong",
  plain: "border bg-surface hover:bg-sunken",
  quiet: "text-soft hover:bg-sunken hover:text-ink",
  danger: "bg-danger-solid text-white hover:brightness-110",
};

const sizes: Record<Size, string> = { sm: "h-8 px-2.5 text-sm gap-1.5", md: "h-10 px-4 text-sm gap-2" };

/** Looks of a button, for links that are drawn as one. */
export function buttonLook(tone: Tone = "plain", size: Size = "md", className?: string): string {
  return cx(
    "inline-flex shrink-0 items-center justify-center rounded-lg font-medium whitespace-nowrap transition-colors",
    "disabled:opacity-55 aria-disabled:opacity-55 [&_svg]:size-4 [&_svg]:shrink-0",
    tones[tone],
    sizes[size],
    className,
  );
}

export interface ButtonProps extends ComponentProps<"button"> {
  tone?: Tone;
  size?: Size;
  /** Shows a spinner and refuses a second press. */
  busy?: boolean;
  icon?: ReactNode;
}

export function Button({ tone, size, busy, icon, className, children, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={buttonLook(tone, size, className)}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      {...rest}
    >
      {busy ? <LoaderCircle className="animate-spin" aria-hidden /> : icon}
      {children}
    </button>
  );
}

export interface IconButtonProps extends ComponentProps<"button"> {
  /** Its name: read aloud, and shown in a tooltip. */
  label: string;
  size?: Size;
  tone?: Tone;
  side?: "top" | "bottom" | "left" | "right";
}

export function IconButton({
  label,
  size = "sm",
  tone = "quiet",
  side,
  className,
  ...rest
}: IconButtonProps) {
  return (
    <Tooltip label={label} side={side}>
      <button
        type="button"
        aria-label={label}
        className={cx(buttonLook(tone, size), "px-0!", size === "sm" ? "w-8" : "w-10", className)}
        {...rest}
      />
    </Tooltip>
  );
}
