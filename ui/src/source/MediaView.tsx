import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { api, type DocumentText, urlOf } from "@/api";
import { clock, cx, ErrorState, SkeletonRows } from "@/kit";
import { heardAt, isPlayable, spokenOf } from "./spoken";

interface MediaViewProps {
  documentId: string;
  /** The revision a citation is bound to; the live one without it. */
  revisionId?: string;
  contentType: string;
  /** The passage that is meant, in seconds. */
  start?: number | null;
  end?: number | null;
}

/** A recording with what is said in it: pressing an utterance plays it, and what is heard is marked. */
export function MediaView({ documentId, revisionId, contentType, start = null, end = null }: MediaViewProps) {
  const player = useRef<HTMLMediaElement>(null);
  const [second, setSecond] = useState(start ?? 0);
  const [failed, setFailed] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: ["document-text", documentId, revisionId ?? "live"],
    queryFn: ({ signal }) =>
      api.get<DocumentText>(`/knowledge/documents/${documentId}/text`, {
        query: { revision: revisionId },
        signal,
      }),
    staleTime: 300_000,
  });
  const spoken = useMemo(
    () => (data?.pages ?? []).flatMap((page) => spokenOf(page.text, page.spoken ?? [])),
    [data],
  );
  const meant = useRef<HTMLLIElement>(null);
  const first = start === null ? -1 : heardAt(spoken, start + 0.01);

  const seek = (to: number, play: boolean) => {
    setSecond(to);
    if (!player.current) return;
    player.current.currentTime = to;
    if (play) void player.current.play().catch(() => {});
  };
  // Another passage of the same recording: the player goes there, and waits for a hand.
  useEffect(() => {
    if (start === null) return;
    setSecond(start);
    if (player.current && player.current.readyState > 0) player.current.currentTime = start;
  }, [start]);
  useEffect(() => {
    if (first >= 0) meant.current?.scrollIntoView({ block: "center" });
  }, [first]);

  const isVideo = contentType.startsWith("video/");
  const shared = {
    controls: true,
    preload: "metadata",
    src: urlOf(`/knowledge/documents/${documentId}/content`, { inline: 1, revision: revisionId }),
    onLoadedMetadata: () => {
      if (player.current && start) player.current.currentTime = start;
    },
    onTimeUpdate: () => player.current && setSecond(player.current.currentTime),
    onError: () => setFailed(true),
  } as const;
  const now = heardAt(spoken, second);
  return (
    <div className="flex flex-col gap-4">
      {isPlayable(contentType) && !failed ? (
        <div className="sticky top-0 z-10 -mx-1 rounded-xl bg-surface px-1 pb-2">
          {isVideo ? (
            <video
              ref={player as React.RefObject<HTMLVideoElement>}
              aria-label="Recording"
              className="max-h-[45dvh] w-full rounded-xl bg-black"
              {...shared}
            />
          ) : (
            <audio
              ref={player as React.RefObject<HTMLAudioElement>}
              aria-label="Recording"
              className="w-full"
              {...shared}
            />
          )}
        </div>
      ) : (
        <p className="rounded-lg bg-warn-wash px-3 py-2 text-sm text-warn">
          This browser cannot play the recording. Here is what is said in it; download it to hear it.
        </p>
      )}
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows count={6} label="Loading the transcript" />
      ) : (
        <ol aria-label="Transcript" className="flex flex-col">
          {spoken.map((one, place) => {
            const isMeant = start !== null && one.from >= start - 0.01 && one.from < (end ?? start + 0.01);
            return (
              <li
                // biome-ignore lint/suspicious/noArrayIndexKey: an utterance is known by its place
                key={place}
                ref={place === first ? meant : undefined}
                className="[contain-intrinsic-size:auto_2.5rem] [content-visibility:auto]"
              >
                <button
                  type="button"
                  onClick={() => seek(one.from, true)}
                  aria-current={place === now || undefined}
                  className={cx(
                    "flex w-full gap-3 rounded-lg px-2 py-1.5 text-left transition-colors hover:bg-sunken focus-visible:-outline-offset-2",
                    isMeant && "bg-mark text-ink hover:bg-mark",
                    place === now && "font-medium",
                  )}
                >
                  <span
                    className={cx(
                      "w-14 shrink-0 pt-0.5 text-right text-xs tabular-nums",
                      place === now ? "text-accent" : isMeant ? "text-ink" : "text-faint",
                    )}
                  >
                    {clock(one.from)}
                  </span>
                  <span className="min-w-0 flex-1 font-serif text-[0.95rem] leading-relaxed break-words">
                    {one.text}
                  </span>
                </button>
              </li>
            );
          })}
        </ol>
      )}
    </div>
  );
}
