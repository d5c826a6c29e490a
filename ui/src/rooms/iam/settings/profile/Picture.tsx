import { type ChangeEvent, useRef } from "react";
import { api, type Me, sendBytes } from "@/api";
import { meChanged, useMe } from "@/app/session";
import { Alert, Avatar, Button, ErrorState, useAction } from "@/kit";
import { pictureTypes, squareOf } from "./picture";

class NotAPicture extends Error {}

/** The person's picture: chosen, replaced, taken away. */
export function Picture() {
  const { user } = useMe();
  const { busy, error, run } = useAction();
  const input = useRef<HTMLInputElement>(null);
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    // The same file again is a choice too.
    event.target.value = "";
    if (!file) return;
    void run(async () => {
      const picture = await squareOf(file).catch(() => {
        throw new NotAPicture();
      });
      meChanged(await sendBytes<Me>("PUT", "/iam/me/avatar", picture));
    });
  };
  const remove = () =>
    void run(async () => {
      await api.delete("/iam/me/avatar");
      meChanged(await api.get<Me>("/iam/me"));
    });
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-4">
        <Avatar name={user.displayName || user.email} url={user.avatarUrl} size="lg" />
        <div className="flex flex-wrap gap-2">
          <input
            ref={input}
            type="file"
            accept={pictureTypes.join(",")}
            className="hidden"
            data-testid="picture"
            onChange={choose}
          />
          <Button size="sm" busy={busy} onClick={() => input.current?.click()}>
            {user.avatarUrl ? "Replace picture" : "Choose a picture"}
          </Button>
          {user.avatarUrl && (
            <Button size="sm" tone="quiet" disabled={busy} onClick={remove}>
              Remove
            </Button>
          )}
        </div>
      </div>
      {error instanceof NotAPicture ? (
        <Alert>This file is not a picture that can be read. Choose a PNG, JPEG or WebP.</Alert>
      ) : (
        error !== null && <ErrorState error={error} />
      )}
    </div>
  );
}
