import { Check, Copy } from "lucide-react";
import { Children, isValidElement, type ReactNode, useState } from "react";
import { Button } from "@/kit";

/** A fenced block with its language and a copy button. */
export function CodeBlock({ children }: { children?: ReactNode }) {
  const [copied, setCopied] = useState(false);
  const code = Children.toArray(children).find((child) =>
    isValidElement<{ className?: string; children?: ReactNode }>(child),
  );
  const props = isValidElement<{ className?: string; children?: ReactNode }>(code) ? code.props : {};
  const language = /language-([\w+#-]+)/.exec(props.className ?? "")?.[1];
  const copy = async () => {
    await navigator.clipboard.writeText(String(props.children ?? "").replace(/\n$/, ""));
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <div className="my-3 overflow-hidden rounded-xl border bg-sunken">
      <div className="flex h-9 items-center justify-between border-b pr-1 pl-3.5 text-xs text-faint">
        <span>{language ?? "text"}</span>
        <Button
          tone="quiet"
          size="sm"
          className="h-7! text-xs!"
          icon={copied ? <Check aria-hidden /> : <Copy aria-hidden />}
          onClick={() => void copy()}
        >
          {copied ? "Copied" : "Copy"}
        </Button>
      </div>
      <pre
        className="my-0! overflow-x-auto p-3.5 text-sm leading-relaxed focus-visible:-outline-offset-2"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
      >
        {children}
      </pre>
    </div>
  );
}
