const listItem = /^ {0,3}([-*+]|\d{1,9}[.)])\s/;
const fence = /^ {0,3}(```+|~~~+)/;
/** `[label]: …` at a line's start binds to text anywhere else, so such a text cannot be cut. */
const definition = /^ {0,3}\[[^\]\n]+\]:/m;

/**
 * Cuts Markdown into pieces that can be rendered one by one, so that while an answer grows only its last piece is
 * parsed again. Joined by blank lines, the pieces are the text.
 */
export function blocksOf(text: string): string[] {
  if (definition.test(text)) return [text];
  const blocks: string[] = [];
  let current: string[] = [];
  let openFence = "";
  let afterBlank = false;
  for (const line of text.split("\n")) {
    if (afterBlank && !openFence && line.trim() !== "" && !continues(current, line)) {
      blocks.push(current.join("\n").trimEnd());
      current = [];
    }
    const mark = fence.exec(line)?.[1];
    if (mark && !openFence) openFence = mark;
    else if (mark?.startsWith(openFence) && line.trim() === mark) openFence = "";
    afterBlank = line.trim() === "";
    if (current.length > 0 || !afterBlank) current.push(line);
  }
  if (current.length > 0) blocks.push(current.join("\n"));
  return blocks;
}

/** After a blank line, indented text and further items still belong to a list, and indented code to its code. */
function continues(block: readonly string[], line: string): boolean {
  const first = block[0] ?? "";
  if (listItem.test(first)) return listItem.test(line) || /^\s{2,}\S/.test(line);
  return /^( {4}|\t)/.test(first) && /^( {4}|\t)/.test(line);
}
