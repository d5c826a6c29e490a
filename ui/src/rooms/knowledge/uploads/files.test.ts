import { describe, expect, it } from "vitest";
import { refusal } from "./files";

const limits = { maxFileBytes: 1000, acceptedExtensions: [".pdf", ".txt"], maxFilesPerRequest: 200 };

describe("refusal", () => {
  it("names the reason and what is taken instead", () => {
    expect(refusal({ name: "a.pdf", size: 0 }, limits)).toMatch(/empty/);
    expect(refusal({ name: "a.pdf", size: 2000 }, limits)).toBe(
      "This file has 2.0 kB; the most that is taken is 1.0 kB.",
    );
    expect(refusal({ name: "film.MKV", size: 5 }, limits)).toMatch(
      /\.mkv are not read\. Taken are \.pdf, \.txt/,
    );
  });

  it("leaves the rest to the server, which looks inside", () => {
    expect(refusal({ name: "A.PDF", size: 5 }, limits)).toBeNull();
    expect(refusal({ name: "README", size: 5 }, limits)).toBeNull();
    expect(refusal({ name: "film.mkv", size: 5 }, undefined)).toBeNull();
  });
});
