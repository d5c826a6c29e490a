import { ChevronLeft, ChevronRight } from "lucide-react";
import * as pdfjs from "pdfjs-dist";
import workerUrl from "pdfjs-dist/build/pdf.worker.min.mjs?url";
import { useEffect, useRef, useState } from "react";
import { urlOf } from "@/api";
import { IconButton, Skeleton } from "@/kit";
import { findPassage } from "./passage";
import "./pdf.css";

pdfjs.GlobalWorkerOptions.workerSrc = workerUrl;

/** Fonts, character maps and decoders that some files need; copied beside the application by vite.config.ts. */
const extras = import.meta.env.DEV ? "/node_modules/pdfjs-dist/" : "/pdfjs/";

interface PdfViewProps {
  documentId: string;
  page: number;
  /** The passage to mark on that page. */
  quote?: string;
  /** Told when the file cannot be shown, so that the text can stand in for it. */
  onFailed: () => void;
}

/** One page of a PDF as it looks in print, with selectable text and a passage marked. */
export function PdfView({ documentId, page, quote, onFailed }: PdfViewProps) {
  const file = usePdf(documentId, onFailed);
  const [current, setCurrent] = useState(page);
  const [width, setWidth] = useState(0);
  const frame = useRef<HTMLDivElement>(null);

  useEffect(() => setCurrent(page), [page]);
  useEffect(() => {
    if (!frame.current) return;
    // Rounded, or a scroll bar that comes and goes would draw the page again and again.
    const observer = new ResizeObserver(([entry]) =>
      setWidth(Math.floor((entry?.contentRect.width ?? 0) / 8) * 8),
    );
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);

  const pages = file?.numPages ?? 0;
  return (
    <div ref={frame}>
      {file && width > 0 ? (
        <PdfPage
          file={file}
          page={Math.min(Math.max(1, current), pages)}
          width={width}
          quote={current === page ? quote : undefined}
          onFailed={onFailed}
        />
      ) : (
        <Skeleton className="aspect-[1/1.4] w-full" />
      )}
      {pages > 1 && (
        <div className="sticky bottom-2 mx-auto mt-3 flex w-fit items-center gap-1 rounded-full border bg-raised px-1 py-0.5 text-xs text-soft shadow-float">
          <IconButton label="Previous page" disabled={current <= 1} onClick={() => setCurrent(current - 1)}>
            <ChevronLeft />
          </IconButton>
          <span className="tabular-nums">
            Page {current} of {pages}
          </span>
          <IconButton label="Next page" disabled={current >= pages} onClick={() => setCurrent(current + 1)}>
            <ChevronRight />
          </IconButton>
        </div>
      )}
    </div>
  );
}

function usePdf(documentId: string, onFailed: () => void): pdfjs.PDFDocumentProxy | null {
  const [file, setFile] = useState<pdfjs.PDFDocumentProxy | null>(null);
  const failed = useRef(onFailed);
  failed.current = onFailed;
  useEffect(() => {
    let left = false;
    setFile(null);
    const task = pdfjs.getDocument({
      url: urlOf(`/knowledge/documents/${documentId}/content`, { inline: true }),
      cMapUrl: `${extras}cmaps/`,
      standardFontDataUrl: `${extras}standard_fonts/`,
      wasmUrl: `${extras}wasm/`,
      iccUrl: `${extras}iccs/`,
      isEvalSupported: false,
    });
    task.promise.then(
      (loaded) => !left && setFile(loaded),
      () => !left && failed.current(),
    );
    return () => {
      left = true;
      void task.destroy();
    };
  }, [documentId]);
  return file;
}

interface PdfPageProps {
  file: pdfjs.PDFDocumentProxy;
  page: number;
  width: number;
  quote?: string;
  onFailed: () => void;
}

function PdfPage({ file, page, width, quote, onFailed }: PdfPageProps) {
  const holder = useRef<HTMLDivElement>(null);
  const failed = useRef(onFailed);
  failed.current = onFailed;
  useEffect(() => {
    const target = holder.current;
    if (!target) return;
    const stop = new AbortController();
    draw(file, page, width, target, stop.signal)
      .then((layer) => {
        if (!stop.signal.aborted && layer && quote) markQuote(target, layer, quote);
      })
      .catch(() => !stop.signal.aborted && failed.current());
    return () => stop.abort();
  }, [file, page, width, quote]);
  return (
    <div
      ref={holder}
      role="document"
      aria-label={`Page ${page}`}
      className="pdf-page relative overflow-hidden rounded-md border bg-white shadow-card"
    />
  );
}

/** Draws into fresh elements and swaps them in when ready, so that the old page stays until the new one is there. */
async function draw(
  file: pdfjs.PDFDocumentProxy,
  number: number,
  width: number,
  target: HTMLElement,
  signal: AbortSignal,
): Promise<pdfjs.TextLayer | null> {
  const page = await file.getPage(number);
  const scale = width / page.getViewport({ scale: 1 }).width;
  const viewport = page.getViewport({ scale });
  const density = Math.min(window.devicePixelRatio || 1, 2);
  const canvas = document.createElement("canvas");
  canvas.width = Math.floor(viewport.width * density);
  canvas.height = Math.floor(viewport.height * density);
  canvas.setAttribute("aria-hidden", "true");
  const task = page.render({
    canvas,
    viewport,
    transform: density === 1 ? undefined : [density, 0, 0, density, 0, 0],
  });
  const cancel = () => task.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  await task.promise.finally(() => signal.removeEventListener("abort", cancel));
  if (signal.aborted) return null;

  const textHolder = document.createElement("div");
  textHolder.className = "pdf-text";
  target.style.height = `${viewport.height}px`;
  target.style.setProperty("--scale-factor", String(scale));
  target.style.setProperty("--total-scale-factor", String(scale));
  target.replaceChildren(canvas, textHolder);
  const layer = new pdfjs.TextLayer({
    textContentSource: page.streamTextContent(),
    container: textHolder,
    viewport,
  });
  await layer.render();
  return layer;
}

/** Lays marks over the quote; the text layer itself is left as it is. */
function markQuote(target: HTMLElement, layer: pdfjs.TextLayer, quote: string): void {
  const pieces = layer.textContentItemsStr;
  const span = findPassage(pieces.join("\n"), quote);
  if (!span) return;
  const origin = target.getBoundingClientRect();
  let at = 0;
  let first: HTMLElement | undefined;
  layer.textDivs.forEach((div, index) => {
    const length = pieces[index]?.length ?? 0;
    const from = Math.max(span.start, at) - at;
    const to = Math.min(span.end, at + length) - at;
    at += length + 1;
    const node = div.firstChild;
    if (from >= to || !node) return;
    const range = document.createRange();
    range.setStart(node, from);
    range.setEnd(node, Math.min(to, node.textContent?.length ?? 0));
    for (const box of range.getClientRects()) {
      const mark = document.createElement("div");
      mark.className = "pdf-mark";
      Object.assign(mark.style, {
        left: `${box.left - origin.left}px`,
        top: `${box.top - origin.top}px`,
        width: `${box.width}px`,
        height: `${box.height}px`,
      });
      target.append(mark);
      first ??= mark;
    }
  });
  first?.scrollIntoView({ block: "center" });
}
