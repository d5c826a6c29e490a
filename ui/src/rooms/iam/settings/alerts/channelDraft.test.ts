import { expect, it } from "vitest";
import type { AlertChannel } from "@/api";
import { bodyOf, draftOf, emptyChannel, isComplete, summaryOf } from "./channelDraft";

const channel: AlertChannel = {
  id: "c",
  kind: "slack",
  name: "Ops",
  host: "hooks.example.com",
  addresses: [],
  onDeadJobs: true,
  onFailedDocuments: true,
  isEnabled: true,
  maxPerHour: 6,
  waiting: 0,
  lastDeliveredAt: null,
  failingSince: null,
  lastError: null,
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
};

it("keeps the stored address of a webhook unless another was typed", () => {
  const draft = draftOf(channel);
  expect("url" in bodyOf(draft, false)).toBe(false);
  expect(bodyOf({ ...draft, url: " https://x.example " }, false).url).toBe("https://x.example");
  expect("kind" in bodyOf(draft, false)).toBe(false);
  expect("addresses" in bodyOf(draft, false)).toBe(false);
});

it("begins with mail to whoever sets it up", () => {
  const draft = { ...emptyChannel("ann@example.com"), name: "Me" };
  expect(bodyOf(draft, true)).toMatchObject({ kind: "mail", addresses: ["ann@example.com"], maxPerHour: 6 });
  expect(isComplete(draft, true)).toBe(true);
});

it("asks for an address, something to hear of and a limit within bounds", () => {
  const draft = { ...emptyChannel(""), name: "Ops" };
  expect(isComplete(draft, true)).toBe(false);
  expect(isComplete({ ...draft, kind: "webhook", url: "hooks" }, true)).toBe(false);
  expect(isComplete({ ...draft, kind: "webhook", url: "https://hooks.example" }, true)).toBe(true);
  expect(isComplete({ ...draftOf(channel), onDeadJobs: false, onFailedDocuments: false }, false)).toBe(false);
  expect(isComplete({ ...draftOf(channel), maxPerHour: "61" }, false)).toBe(false);
});

it("says where a channel leads and what it hears of", () => {
  expect(summaryOf(channel)).toBe(
    "hooks.example.com · documents that fail and background work that is given up",
  );
  expect(summaryOf({ ...channel, kind: "mail", onDeadJobs: false })).toBe("nobody · documents that fail");
});
