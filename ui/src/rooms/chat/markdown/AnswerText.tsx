import { ExternalLink, ImageOff } from "lucide-react";
import { type ComponentProps, memo, useMemo } from "react";
import Markdown, { type Components, type ExtraProps } from "react-markdown";
import rehypeSanitize, { defaultSchema } from "rehype-sanitize";
import remarkGfm from "remark-gfm";
import { CitationChip } from "../citations/CitationChip";
import { blocksOf } from "./blocks";
import { CodeBlock } from "./CodeBlock";
import { citationMarkers } from "./citationMarkers";
import { settle } from "./settle";

/** What an answer may contain. HTML in the text is never interpreted; this also bounds what Markdown can produce. */
const schema = {
  ...defaultSchema,
  tagNames: [...(defaultSchema.tagNames ?? []), "cite"],
  attributes: { ...defaultSchema.attributes, cite: ["dataMarker"], span: [["className", "nowrap"]] },
  protocols: { ...defaultSchema.protocols, href: ["http", "https", "mailto"], src: ["http", "https"] },
};

function hostOf(href: string | undefined): string | null {
  try {
    const url = new URL(href ?? "");
    return url.protocol === "mailto:" ? url.pathname : url.host;
  } catch {
    return null;
  }
}

function SafeLink({ href, children, node: _, ...rest }: ComponentProps<"a"> & ExtraProps) {
  const host = hostOf(href);
  if (href?.startsWith("#"))
    return (
      <a href={href} {...rest}>
        {children}
      </a>
    );
  // An address inside our own site has no place in an answer; what it says stays.
  if (!host) return <span>{children}</span>;
  const isBare = typeof children === "string" && children.includes(host);
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
      {!isBare && <span className="text-[0.85em] text-faint"> ({host})</span>}
      <ExternalLink className="ml-0.5 inline size-3 align-baseline" aria-label="opens in a new tab" />
    </a>
  );
}

/** Loading a remote image would tell its server who reads this answer. */
function UnloadedImage({ src, alt }: ComponentProps<"img"> & ExtraProps) {
  const href = typeof src === "string" ? src : undefined;
  return (
    <span className="inline-flex max-w-full items-center gap-1.5 rounded-md border border-dashed px-2 py-0.5 text-sm text-faint">
      <ImageOff className="size-4 shrink-0" aria-hidden />
      <span className="truncate">
        Image not loaded{alt ? `: ${alt}` : ""}
        {hostOf(href) && (
          <>
            {" "}
            (
            <a href={href} target="_blank" rel="noopener noreferrer nofollow">
              {hostOf(href)}
            </a>
            )
          </>
        )}
      </span>
    </span>
  );
}

const components: Components = {
  a: SafeLink,
  img: UnloadedImage,
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  table: ({ node: _, ...rest }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section aria-label="Table" className="prose-scroll overflow-x-auto" tabIndex={0}>
      <table className="my-0!" {...rest} />
    </section>
  ),
  cite: ({ node }) => <CitationChip marker={Number(node?.properties.dataMarker)} />,
};

interface AnswerTextProps {
  text: string;
  /** The markers that have a source. While the answer is being written they are not known yet. */
  markers: readonly number[];
  streaming: boolean;
}

/** The Markdown of an answer, sanitised, with its citation markers as chips. */
export const AnswerText = memo(function AnswerText({ text, markers, streaming }: AnswerTextProps) {
  const key = markers.join();
  const plugins = useMemo(() => {
    const known = new Set(key.split(",").map(Number));
    const isKnown = streaming ? () => true : (marker: number) => known.has(marker);
    return [
      remarkGfm,
      [citationMarkers, { isKnown }] as [typeof citationMarkers, { isKnown: typeof isKnown }],
    ];
  }, [key, streaming]);
  return (
    <div className="prose">
      {blocksOf(streaming ? settle(text) : text).map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a block keeps its place while the text grows behind it
        <Block key={index} text={block} plugins={plugins} />
      ))}
    </div>
  );
});

const rehypePlugins: ComponentProps<typeof Markdown>["rehypePlugins"] = [[rehypeSanitize, schema]];

interface BlockProps {
  text: string;
  plugins: ComponentProps<typeof Markdown>["remarkPlugins"];
}

const Block = memo(function Block({ text, plugins }: BlockProps) {
  return (
    <Markdown remarkPlugins={plugins} rehypePlugins={rehypePlugins} components={components}>
      {text}
    </Markdown>
  );
});
