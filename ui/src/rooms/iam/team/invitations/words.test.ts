import { expect, it } from "vitest";
import type { Invitation } from "@/api";
import { invitationState } from "./words";

const open = { status: "pending", expiresAt: "2026-01-02T00:00:00Z" } as Invitation;
const at = (instant: string) => Date.parse(instant);

it("calls an invitation expired as soon as its time is over", () => {
  expect(invitationState(open, at("2026-01-01T00:00:00Z")).id).toBe("pending");
  expect(invitationState(open, at("2026-01-02T00:00:00Z")).id).toBe("expired");
  expect(invitationState({ ...open, status: "accepted" }, at("2027-01-01T00:00:00Z")).id).toBe("accepted");
});
