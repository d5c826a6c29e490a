import { expect, it } from "vitest";
import type { Me, Role, Team } from "@/api";
import { byRank, givable, rightsIn } from "./rights";

const role = (name: string, scope: "tenant" | "team", rank: number, ...permissions: string[]) =>
  ({ id: name, key: name, name, scope, rank, permissions, isSystem: true, memberCount: 0 }) as Role;

it("offers nobody a role that can do more than they can", () => {
  const roles = [role("admin", "tenant", 100, "a", "b"), role("viewer", "team", 20, "a")];
  expect(givable(roles, ["a"]).map((one) => one.name)).toEqual(["viewer"]);
  expect(givable(roles, ["a", "b", "c"])).toHaveLength(2);
});

it("lists the organisation's roles first, the highest before the lower", () => {
  const roles = [role("viewer", "team", 20), role("owner", "team", 90), role("user", "tenant", 10)];
  expect(byRank(roles).map((one) => one.name)).toEqual(["user", "owner", "viewer"]);
});

it("knows what somebody may do in the team they work in, and puts it together for another", () => {
  const roles = [
    role("user", "tenant", 10, "a"),
    role("owner", "team", 90, "b"),
    role("viewer", "team", 20, "c"),
  ];
  const me = { permissions: ["x"], roles: ["user", "viewer"], team: { id: "here" } } as Me;
  const rights = (id: string, ...myRoles: string[]) => [...rightsIn({ id, myRoles } as Team, roles, me)];
  expect(rights("here", "owner")).toEqual(["x"]);
  expect(rights("there", "owner")).toEqual(["a", "b"]);
  expect(rights("there")).toEqual(["a"]);
});
