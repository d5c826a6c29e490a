import { expect, it } from "vitest";
import type { Team } from "@/api";
import { changesOf, draftOf } from "./draft";

const team = {
  name: "Research",
  description: null,
  maxFileSizeMb: 50,
  allowedOrigins: ["https://a.example"],
  openaiApiEnabled: true,
  leaderUserId: null,
} as unknown as Team;

it("carries only what was changed", () => {
  expect(changesOf(team, draftOf(team))).toEqual({});
  expect(changesOf(team, { ...draftOf(team), name: " Research " })).toEqual({});
  expect(changesOf(team, { ...draftOf(team), maxFileSizeMb: "", leaderUserId: "u" })).toEqual({
    maxFileSizeMb: null,
    leaderUserId: "u",
  });
});

it("takes origins as people paste them", () => {
  const draft = {
    ...draftOf(team),
    allowedOrigins: "https://a.example/\n\nhttps://b.example https://b.example/",
  };
  expect(changesOf(team, draft)).toEqual({ allowedOrigins: ["https://a.example", "https://b.example"] });
});
