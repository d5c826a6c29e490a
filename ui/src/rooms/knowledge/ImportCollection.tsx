import { useNavigate } from "@tanstack/react-router";
import { FileInput } from "lucide-react";
import { useRef } from "react";
import { type ImportReport, sendBytes } from "@/api";
import { Button, plural, toast, toastError, useAction } from "@/kit";
import { collectionsChanged } from "./data";

/** Makes a collection of the ZIP file that another one was exported to. */
export function ImportCollection() {
  const navigate = useNavigate();
  const action = useAction();
  const input = useRef<HTMLInputElement>(null);
  const take = async (file: File) => {
    try {
      const zip = new Blob([file], { type: "application/zip" });
      const report = await sendBytes<ImportReport>("POST", "/knowledge/collections/import", zip);
      await collectionsChanged();
      const { refused, accepted, collection } = report;
      if (refused.length > 0)
        toast.warning(
          `${plural(accepted, "document")} taken, ${refused.length} not. The first: ${refused[0]?.title}: ${refused[0]?.problem?.detail ?? "it could not be read."}`,
        );
      else toast.success(`${plural(accepted, "document")} taken. They are being indexed anew.`);
      await navigate({ to: "/knowledge/$collectionId", params: { collectionId: collection.id } });
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        accept=".zip,application/zip"
        data-testid="import"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file) void action.run(() => take(file));
        }}
      />
      <Button icon={<FileInput aria-hidden />} busy={action.busy} onClick={() => input.current?.click()}>
        Import
      </Button>
    </>
  );
}
