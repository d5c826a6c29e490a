import { Archive, CircleAlert, CircleCheck, Clock, LoaderCircle } from "lucide-react";
import type { Document } from "@/api";
import { Badge, plural } from "@/kit";

/** What the server is doing with a document, in a few words. */
export function stepWords(document: Document): string {
  switch (document.status) {
    case "uploading":
      return "Uploading";
    case "pending":
      return "Waiting its turn";
    case "indexed":
      return "Ready";
    case "failed":
      return "Failed";
    case "processing":
      switch (document.step) {
        case "split":
          return document.pageCount ? `Splitting ${plural(document.pageCount, "page")}` : "Splitting";
        case "transcribe":
          return `Listening ${document.progress} %`;
        case "embed":
          return `Embedding ${document.progress} %`;
        case "publish":
          return "Publishing";
        default:
          return "Reading";
      }
  }
}

/** The whole way from read to ready as one number, so that a bar only ever moves forward. */
export function wayOf(document: Document): number {
  if (document.status === "indexed") return 100;
  if (document.status !== "processing") return 0;
  const share = document.progress / 100;
  if (document.step === "publish") return 97;
  if (document.step === "embed") return 40 + share * 55;
  if (document.step === "transcribe") return 5 + share * 25;
  if (document.step === "split") return 30 + share * 10;
  return 5 + share * 25;
}

export function DocumentState({ document }: { document: Document }) {
  const words = stepWords(document);
  if (document.archivedAt) return <Badge icon={<Archive aria-hidden />}>Archived</Badge>;
  if (document.status === "indexed")
    return (
      <Badge tone="good" icon={<CircleCheck aria-hidden />}>
        {words}
      </Badge>
    );
  if (document.status === "failed")
    return (
      <Badge tone="danger" icon={<CircleAlert aria-hidden />}>
        {words}
      </Badge>
    );
  if (document.status === "processing")
    return (
      <Badge tone="accent" icon={<LoaderCircle aria-hidden className="animate-spin" />}>
        {words}
      </Badge>
    );
  return <Badge icon={<Clock aria-hidden />}>{words}</Badge>;
}
