import type { Limits } from "@/api";
import { bytes } from "@/kit";

/** Files taken from one drop; a home folder let go by accident should not be read to its end. */
export const maxFiles = 5000;

/** A file that somebody chose, with its path from the folder that was chosen with it; else its name. */
export interface Chosen {
  file: File;
  path: string;
}

/** Files of a picker or of the clipboard. */
export const chosen = (files: Iterable<File>): Chosen[] =>
  [...files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));

/** Why a file need not be sent at all; null when the server shall decide. */
export function refusal(file: { name: string; size: number }, limits: Limits | undefined): string | null {
  if (file.size === 0) return "This file is empty.";
  if (!limits) return null;
  if (file.size > limits.maxFileBytes)
    return `This file has ${bytes(file.size)}; the most that is taken is ${bytes(limits.maxFileBytes)}.`;
  const dot = file.name.lastIndexOf(".");
  const extension = dot > 0 ? file.name.slice(dot).toLowerCase() : "";
  if (extension && !limits.acceptedExtensions.includes(extension))
    return `Files of type ${extension} are not read. Taken are ${limits.acceptedExtensions.join(", ")}.`;
  return null;
}

/** Not documents: what operating systems put beside them. */
const isClutter = (name: string) => name.startsWith(".") || name === "Thumbs.db" || name === "desktop.ini";

/** All files of a drop, also those inside folders. Must be called before the drop event ends. */
export async function filesOfDrop(transfer: DataTransfer): Promise<Chosen[]> {
  const entries = [...transfer.items]
    .filter((item) => item.kind === "file")
    .map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
  const found: Chosen[] = [];
  for (const entry of entries) {
    if (entry instanceof File) found.push({ file: entry, path: entry.name });
    else if (entry) await walk(entry, found);
  }
  return found;
}

async function walk(entry: FileSystemEntry, found: Chosen[]): Promise<void> {
  if (found.length >= maxFiles) return;
  if (entry.isFile) {
    const file = await new Promise<File | null>((resolve) =>
      (entry as FileSystemFileEntry).file(resolve, () => resolve(null)),
    );
    if (file) found.push({ file, path: entry.fullPath.replace(/^\/+/, "") || file.name });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A reader gives up to 100 entries at a time.
    const some = await new Promise<FileSystemEntry[]>((resolve) =>
      reader.readEntries(resolve, () => resolve([])),
    );
    if (some.length === 0) return;
    for (const one of some) if (!isClutter(one.name)) await walk(one, found);
  }
}
