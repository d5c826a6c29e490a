const names: Record<string, string> = {
  "application/pdf": "PDF",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
  "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
  "application/msword": "Word (old)",
  "application/vnd.ms-powerpoint": "PowerPoint (old)",
  "application/vnd.ms-excel": "Excel (old)",
  "application/vnd.oasis.opendocument.text": "OpenDocument text",
  "application/epub+zip": "EPUB",
  "application/rtf": "RTF",
  "application/json": "JSON",
  "message/rfc822": "E-mail",
  "text/csv": "CSV",
  "text/html": "Web page",
  "text/markdown": "Markdown",
  "text/plain": "Text",
  "text/tab-separated-values": "TSV",
};

/** What people call a type of file; its own name where nothing shorter is known. */
export const kindName = (contentType: string): string =>
  names[contentType] ??
  (contentType.startsWith("audio/")
    ? `Sound (${contentType.slice(6).replace("mpeg", "mp3").toUpperCase()})`
    : contentType.startsWith("video/")
      ? `Video (${contentType.slice(6).replace(/^x-/, "").toUpperCase()})`
      : contentType.startsWith("image/")
        ? `Picture (${contentType.slice(6).toUpperCase()})`
        : contentType);
