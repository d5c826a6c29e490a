import type { Nodes, Parent, PhrasingContent, Root, RootContent } from "mdast";

/** `[3]` or `[3, 7]`, as the answer's text carries its citations. */
const marker = /\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]/g;
const numeric = /^\d{1,3}$/;

/**
 * A remark plugin that turns citation markers into `<cite data-marker="3">` for the numbers `isKnown` accepts.
 * Code is left alone, and so is the text of links.
 */
export function citationMarkers(options: { isKnown: (marker: number) => boolean }) {
  return (tree: Root): void => walk(tree, options.isKnown);
}

function walk(parent: Parent, isKnown: (marker: number) => boolean): void {
  const children: RootContent[] = [];
  for (const child of parent.children) {
    if (child.type === "text") children.push(...split(child.value, isKnown));
    else if (
      child.type === "linkReference" &&
      numeric.test(child.identifier) &&
      isKnown(Number(child.identifier))
    )
      // A model that lists "[1]: …" under its answer makes the markers look like Markdown references.
      children.push(cite(Number(child.identifier)));
    else if (child.type === "definition" && numeric.test(child.identifier)) continue;
    else {
      if (isParent(child) && child.type !== "link" && child.type !== "linkReference") walk(child, isKnown);
      children.push(child);
    }
  }
  parent.children = children;
}

function split(text: string, isKnown: (marker: number) => boolean): PhrasingContent[] {
  const parts: PhrasingContent[] = [];
  let done = 0;
  for (const match of text.matchAll(marker)) {
    const numbers = (match[1] ?? "").split(",").map(Number);
    if (!numbers.every(isKnown)) continue;
    // The word before the marker and the full stop after it stay on its line.
    const [, before = "", word = ""] = /^([\s\S]*?)(\S{0,40}\s?)$/.exec(text.slice(done, match.index)) ?? [];
    const end = match.index + match[0].length;
    const stop = /^[.,;:!?)]/.exec(text.slice(end))?.[0] ?? "";
    if (before) parts.push({ type: "text", value: before });
    parts.push(together([...textOf(word), ...numbers.map(cite), ...textOf(stop)]));
    done = end + stop.length;
  }
  parts.push(...textOf(text.slice(done)));
  return parts;
}

const textOf = (value: string): PhrasingContent[] => (value ? [{ type: "text", value }] : []);

function together(children: PhrasingContent[]): PhrasingContent {
  return {
    type: "emphasis",
    data: { hName: "span", hProperties: { className: ["nowrap"] } },
    children,
  };
}

function cite(number: number): PhrasingContent {
  return {
    type: "emphasis",
    data: { hName: "cite", hProperties: { dataMarker: String(number) } },
    children: [{ type: "text", value: String(number) }],
  };
}

function isParent(node: Nodes): node is Nodes & Parent {
  return "children" in node;
}
