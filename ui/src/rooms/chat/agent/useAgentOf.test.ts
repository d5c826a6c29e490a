import { expect, it } from "vitest";
import type { Agent } from "@/api";
import { agentNamed } from "./useAgentOf";

const agent = (slug: string, isDefault = false): Agent => ({
  id: slug,
  slug,
  name: slug,
  description: "",
  isDefault,
  starterMessages: [],
  iconUrl: null,
  mayChangeIcon: false,
});

it("finds the agent of a conversation, and the default where none was chosen", () => {
  const agents = [agent("first"), agent("second", true)];
  expect(agentNamed(agents, "first")?.id).toBe("first");
  expect(agentNamed(agents, null)?.id).toBe("second");
  expect(agentNamed([agent("only")], undefined)?.id).toBe("only");
});

it("takes no other agent's picture for one that is gone", () => {
  expect(agentNamed([agent("first", true)], "gone")).toBeUndefined();
  expect(agentNamed(undefined, null)).toBeUndefined();
});
