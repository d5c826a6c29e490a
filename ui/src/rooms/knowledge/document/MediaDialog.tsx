import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, type MediaAsset } from "@/api";
import { queryClient } from "@/app/queries";
import { clock, Dialog, ErrorState, Field, FormDialog, Input, SkeletonRows, toast, useAction } from "@/kit";
import { languageName } from "./languageName";

const title = "How it is listened to";

/** In which language a recording is listened to, and how long its passages are. */
export function MediaDialog({ documentId, onClose }: { documentId: string; onClose: () => void }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["media", documentId],
    queryFn: ({ signal }) => api.get<MediaAsset>(`/knowledge/documents/${documentId}/media`, { signal }),
  });
  if (data) return <MediaForm asset={data} onClose={onClose} />;
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={title}>
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <SkeletonRows count={4} label="Loading the settings" />
      )}
    </Dialog>
  );
}

function MediaForm({ asset, onClose }: { asset: MediaAsset; onClose: () => void }) {
  const action = useAction();
  const [language, setLanguage] = useState(asset.forcedLanguage ?? "");
  const [least, setLeast] = useState(String(asset.chunkMinSeconds));
  const [most, setMost] = useState(String(asset.chunkMaxSeconds));
  const [overlap, setOverlap] = useState(String(asset.chunkOverlapSeconds));
  const forced = language.trim().toLowerCase() || null;
  const isHeardAgain = forced !== asset.forcedLanguage;
  const isSame =
    !isHeardAgain &&
    Number(least) === asset.chunkMinSeconds &&
    Number(most) === asset.chunkMaxSeconds &&
    Number(overlap) === asset.chunkOverlapSeconds;
  const save = async () => {
    const saved = await api.put<MediaAsset>(`/knowledge/documents/${asset.documentId}/media`, {
      forcedLanguage: forced,
      chunkMinSeconds: Number(least),
      chunkMaxSeconds: Number(most),
      chunkOverlapSeconds: Number(overlap),
    });
    queryClient.setQueryData(["media", asset.documentId], saved);
    await queryClient.invalidateQueries({ queryKey: ["document", asset.documentId] });
    toast.success(isHeardAgain ? "It is listened to again." : "Its transcript is cut again.");
    onClose();
  };
  const seconds = (
    label: string,
    value: string,
    set: (value: string) => void,
    from: number,
    to: number,
    error?: string[],
  ) => (
    <Field label={label} error={error} className="flex-1 basis-28">
      <Input
        type="number"
        inputMode="numeric"
        min={from}
        max={to}
        required
        value={value}
        onChange={(event) => set(event.target.value)}
      />
    </Field>
  );
  return (
    <FormDialog
      title={title}
      description={[
        asset.durationSeconds !== null && `It lasts ${clock(asset.durationSeconds ?? 0)}.`,
        asset.language && `${languageName(asset.language)} was heard.`,
      ]
        .filter(Boolean)
        .join(" ")}
      submit={isHeardAgain ? "Listen again" : "Cut again"}
      action={action}
      shown={["forcedLanguage", "chunkMinSeconds", "chunkMaxSeconds", "chunkOverlapSeconds"]}
      disabled={isSame}
      onSubmit={save}
      onClose={onClose}
    >
      <Field
        label="Spoken language"
        optional
        hint="A code such as en or de. Left empty, the model finds out by itself. Listening again is charged again."
        error={action.fields.forcedLanguage}
      >
        <Input
          maxLength={3}
          autoCapitalize="none"
          value={language}
          onChange={(event) => setLanguage(event.target.value)}
        />
      </Field>
      <fieldset className="flex flex-col gap-2">
        <legend className="text-sm text-soft">Passages, in seconds</legend>
        <div className="flex flex-wrap gap-3">
          {seconds("At least", least, setLeast, 1, 3600, action.fields.chunkMinSeconds)}
          {seconds("At most", most, setMost, 5, 3600, action.fields.chunkMaxSeconds)}
          {seconds("Said again", overlap, setOverlap, 0, 600, action.fields.chunkOverlapSeconds)}
        </div>
      </fieldset>
    </FormDialog>
  );
}
