import { describe, expect, it } from "vitest";
import type { Collection, Pipeline } from "@/api";
import { curlOf, pipelineDraft, savedPipeline } from "./draft";

const collection = {
  id: "c",
  fixedMetadata: false,
  metadataFields: [{ name: "year", type: "integer", required: true, many: false, allowed: null }],
} as unknown as Collection;

describe("a pipeline in the form", () => {
  it("comes out as it went in", () => {
    const pipeline = {
      name: "Nightly",
      folderId: "f",
      access: {
        access: "restricted",
        allowed: [
          { type: "email", name: "a@example.com" },
          { type: "group", name: "t" },
        ],
      },
      metadata: { year: 2026, source: "scanner" },
    } as unknown as Pipeline;
    const { saved, emailFault, metadataFaults } = savedPipeline(
      pipelineDraft(collection, pipeline),
      collection,
      true,
    );
    expect(emailFault).toBeNull();
    expect(metadataFaults.size).toBe(0);
    expect(saved).toEqual({
      name: "Nightly",
      folderId: "f",
      access: pipeline.access,
      metadata: { year: 2026, source: "scanner" },
      isPaused: true,
    });
  });

  it("leaves to the sender what nobody filled in, also what the collection asks for", () => {
    const draft = { ...pipelineDraft(collection), name: " In " };
    const { saved, metadataFaults } = savedPipeline(draft, collection, false);
    expect(metadataFaults.size).toBe(0);
    expect(saved).toEqual({ name: "In", folderId: null, access: null, metadata: null, isPaused: false });
  });

  it("reads addresses however they are parted, and names one that is none", () => {
    const draft = { ...pipelineDraft(collection), isRestricted: true, emails: "a@b.c, d@e.f\na@b.c" };
    expect(savedPipeline(draft, collection, false).saved.access?.allowed).toHaveLength(2);
    const odd = savedPipeline({ ...draft, emails: "somebody" }, collection, false);
    expect(odd.emailFault).toMatch(/somebody/);
  });

  it("shows how a file is sent", () => {
    expect(curlOf("https://x.example", "c", "ly_1")).toBe(
      "curl -H 'Authorization: Bearer ly_1' -F file=@report.pdf https://x.example/api/v1/knowledge/collections/c/documents",
    );
  });
});
