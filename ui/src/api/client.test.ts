import { afterEach, expect, it, vi } from "vitest";
import { api, onSignedOut } from "./client";

const answers = (response: Response) => vi.stubGlobal("fetch", async () => response);
const refusal = (code: string) =>
  new Response(JSON.stringify({ code, detail: "No." }), {
    status: 401,
    headers: { "content-type": "application/problem+json" },
  });

afterEach(() => vi.unstubAllGlobals());

it("takes an answer without a body, whatever its status", async () => {
  answers(new Response(null, { status: 202 }));
  expect(await api.post("/iam/password/forgot", {})).toBeUndefined();
  answers(new Response(null, { status: 204 }));
  expect(await api.post("/iam/sign-out")).toBeUndefined();
});

it("sends bytes under their own type", async () => {
  const sent = vi.fn(async (_url: string, _init: RequestInit) => new Response("{}"));
  vi.stubGlobal("fetch", sent);
  await api.put("/iam/me/avatar", new Blob(["x"], { type: "image/png" }));
  expect(sent.mock.calls[0]?.[1].headers).toMatchObject({ "Content-Type": "image/png" });
});

it("ends the session in the page when it is over, and not for a wrong password", async () => {
  const ended = vi.fn();
  onSignedOut(ended);
  answers(refusal("invalid_credentials"));
  await expect(api.post("/iam/me/password", {})).rejects.toMatchObject({ code: "invalid_credentials" });
  expect(ended).not.toHaveBeenCalled();
  answers(refusal("session_ended"));
  await expect(api.get("/knowledge/collections")).rejects.toMatchObject({ status: 401 });
  expect(ended).toHaveBeenCalledOnce();
});
