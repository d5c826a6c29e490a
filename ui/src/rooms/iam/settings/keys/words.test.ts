import { describe, expect, it } from "vitest";
import type { ApiKey } from "@/api";
import { expiryOf, stateOf } from "./words";

describe("the life of a key", () => {
  it("ends after the chosen days, or never", () => {
    expect(expiryOf(30, 0)).toBe("1970-01-31T00:00:00.000Z");
    expect(expiryOf(0)).toBeUndefined();
  });

  it("is over when it expired while the page was open", () => {
    const key = { status: "active", expiresAt: "2026-01-01T00:00:00Z" } as ApiKey;
    expect(stateOf(key, Date.parse("2025-12-31T00:00:00Z"))).toBe("active");
    expect(stateOf(key, Date.parse("2026-01-02T00:00:00Z"))).toBe("expired");
    expect(stateOf({ ...key, status: "revoked" }, 0)).toBe("revoked");
  });
});
