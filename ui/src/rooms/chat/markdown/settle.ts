/**
 * Makes half-written Markdown look like what it is going to be: closes emphasis and code, and holds back a link,
 * a citation marker or a table head that is not complete yet. Without it the text would flicker while it streams.
 */
export function settle(text: string): string {
  if (insideFence(text)) return text;
  const cut = text.lastIndexOf("\n\n") + 1;
  const head = text.slice(0, cut);
  let tail = text.slice(cut);

  if (/^\s*\|/.test(tail) && !/\n\s*\|?[\s:|-]*-[\s:|-]*\n/.test(tail)) return head;
  tail = tail.replace(/!?\[[^\]\n]{0,300}$/, "").replace(/!?\[[^\]\n]{0,300}\]\([^)\n]{0,500}$/, "");

  const code = tail.split("`").length - 1;
  if (code % 2 === 1) return head + (tail.endsWith("`") ? tail.slice(0, -1) : `${tail}\``);
  const bold = tail.replace(/`[^`]*`/g, "").split("**").length - 1;
  if (bold % 2 === 1) return head + (/\*\*\s*$/.test(tail) ? tail.replace(/\*\*\s*$/, "") : closeBold(tail));
  return head + tail;
}

function closeBold(tail: string): string {
  const end = tail.trimEnd();
  return `${end.endsWith("*") ? end.slice(0, -1) : end}**`;
}

/** True when an odd number of fences has been opened. */
function insideFence(text: string): boolean {
  return (text.match(/^ {0,3}(```|~~~)/gm)?.length ?? 0) % 2 === 1;
}
