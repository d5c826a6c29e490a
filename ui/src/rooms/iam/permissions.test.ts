import { expect, it } from "vitest";
import { areasOf } from "./permissions";

const permission = (key: string) => ({
  key,
  area: key.split(".")[0] ?? "",
  description: key,
  lowestRole: null,
});

it("groups permissions by area, and shows an area it does not know by its own name", () => {
  const all = ["chat.conversations.use", "knowledge.search", "weather.read", "knowledge.documents.write"];
  expect(areasOf(all.map(permission)).map((one) => [one.name, one.permissions.length])).toEqual([
    ["Chat", 1],
    ["Knowledge", 2],
    ["weather", 1],
  ]);
});
