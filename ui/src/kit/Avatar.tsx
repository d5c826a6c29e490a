import { cx } from "./cx";

const sizes = { sm: "size-8 text-xs", lg: "size-20 text-2xl" };

interface AvatarProps {
  name: string;
  /** A picture of the person; without it their initials are drawn. */
  url?: string | null;
  size?: keyof typeof sizes;
}

/** Always beside the name it belongs to, so it says nothing of its own. */
export function Avatar({ name, url, size = "sm" }: AvatarProps) {
  if (url)
    return (
      <img src={url} alt="" className={cx("shrink-0 rounded-full bg-sunken object-cover", sizes[size])} />
    );
  return (
    <span
      aria-hidden
      className={cx(
        "flex shrink-0 items-center justify-center rounded-full bg-accent-wash font-semibold text-accent",
        sizes[size],
      )}
    >
      {initials(name)}
    </span>
  );
}

export function initials(name: string): string {
  const words = name.split(/[\s@.]+/).filter(Boolean);
  return ((words[0]?.[0] ?? "?") + (words.length > 1 ? (words[1]?.[0] ?? "") : "")).toUpperCase();
}
