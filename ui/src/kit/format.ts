const relativeIn = (locale: string | undefined) => ({
  short: new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" }),
  narrow: new Intl.RelativeTimeFormat(locale, { numeric: "always", style: "narrow" }),
});

let chosen: string | undefined;
let relative = relativeIn(chosen);

/** How dates and numbers are written from now on: a language tag, or nothing for the browser's own. */
export function setLocale(locale: string | null | undefined): void {
  try {
    relative = relativeIn(locale || undefined);
    chosen = locale || undefined;
  } catch {
    // A tag that this browser does not know changes nothing.
  }
}
const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** "5 min. ago", or "5m ago" when narrow; "now" under a minute. */
export function ago(
  instant: string | null | undefined,
  style: "short" | "narrow" = "short",
  now: number = Date.now(),
): string {
  if (!instant) return "never";
  const seconds = (Date.parse(instant) - now) / 1000;
  for (const [unit, size] of steps)
    if (Math.abs(seconds) >= size) return relative[style].format(Math.trunc(seconds / size), unit);
  return "now";
}

/** Date and time in the reader's zone and language. */
export function when(instant: string | null | undefined): string {
  return instant
    ? new Date(instant).toLocaleString(chosen, { dateStyle: "medium", timeStyle: "short" })
    : "never";
}

/** The day alone, in the reader's zone and language. */
export function day(instant: string | null | undefined): string {
  return instant ? new Date(instant).toLocaleDateString(chosen, { dateStyle: "medium" }) : "never";
}

export function count(value: number | null | undefined): string {
  return (value ?? 0).toLocaleString(chosen);
}

/** "1 document", "2 documents". */
export function plural(value: number, one: string, many: string = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** "812 B", "3.4 MB". */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  const units = ["B", "kB", "MB", "GB", "TB"];
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

/** "850 ms", "3.2 s", "2 min 5 s". */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return "–";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** "0:07", "12:34", "1:02:03": a moment of a recording. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** "12:34–13:10": a stretch of a recording; nothing where nothing is heard. */
export function stretch(start: number | null | undefined, end: number | null | undefined): string | null {
  if (start === null || start === undefined) return null;
  return end !== null && end !== undefined && Math.floor(end) > Math.floor(start)
    ? `${clock(start)}–${clock(end)}`
    : clock(start);
}
