import { FileUp } from "lucide-react";
import { type ReactNode, useEffect, useEffectEvent, useState } from "react";
import { toast } from "@/kit";
import { type Chosen, chosen, filesOfDrop } from "./files";

interface DropZoneProps {
  onFiles: (files: Chosen[]) => void;
  collection: string;
  disabled?: boolean;
  children: ReactNode;
}

/** Takes files that are dropped anywhere on the page, and those that are pasted. */
export function DropZone({ onFiles, collection, disabled = false, children }: DropZoneProps) {
  const [over, setOver] = useState(false);
  const take = useEffectEvent((files: Chosen[]) => {
    if (files.length > 0) onFiles(files);
    else toast.info("There was no file in it.");
  });
  useEffect(() => {
    if (disabled) return;
    // dragleave also fires between children; what counts is whether a dragover still comes.
    let last: ReturnType<typeof setTimeout> | undefined;
    const onOver = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      setOver(true);
      clearTimeout(last);
      last = setTimeout(() => setOver(false), 250);
    };
    const onDrop = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      clearTimeout(last);
      setOver(false);
      void filesOfDrop(event.dataTransfer).then(take);
    };
    const onPaste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      take(chosen(files));
    };
    addEventListener("dragover", onOver);
    addEventListener("drop", onDrop);
    addEventListener("paste", onPaste);
    return () => {
      clearTimeout(last);
      removeEventListener("dragover", onOver);
      removeEventListener("drop", onDrop);
      removeEventListener("paste", onPaste);
    };
  }, [disabled]);
  return (
    <div className="relative h-full">
      {children}
      {over && (
        <div
          aria-hidden
          className="pointer-events-none absolute inset-2 z-30 flex animate-fade flex-col items-center justify-center gap-3 rounded-2xl border-2 border-dashed border-accent bg-accent-wash/95 text-accent"
        >
          <FileUp className="size-10" />
          <p className="px-6 text-center font-serif text-xl font-semibold">Let go to add to {collection}</p>
        </div>
      )}
    </div>
  );
}
