import { cx } from "@/kit";
import { initialsOf } from "./words";

const washes = [
  "bg-accent-wash text-accent",
  "bg-warn-wash text-warn",
  "bg-good-wash text-good",
  "bg-sunken text-soft",
];

/** A provider's letters on a colour that stays the same wherever it is shown. */
export function ProviderMark({ name, isBuiltin }: { name: string; isBuiltin?: boolean }) {
  if (isBuiltin) return <img src="/icon.svg" alt="" className="size-10 shrink-0" />;
  const sum = [...name].reduce((total, letter) => total + letter.charCodeAt(0), 0);
  return (
    <span
      aria-hidden
      className={cx(
        "flex size-10 shrink-0 items-center justify-center rounded-xl text-sm font-semibold",
        washes[sum % washes.length],
      )}
    >
      {initialsOf(name)}
    </span>
  );
}
