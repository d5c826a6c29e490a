import { describe, expect, it } from "vitest";
import type { Folder } from "@/api";
import { above, branches, places } from "./tree";

const folder = (id: string, parentId: string | null, documentCount = 0): Folder =>
  ({ id, parentId, name: id, documentCount }) as Folder;
const folders = [folder("b", null, 1), folder("a10", "b", 2), folder("a9", "b", 3), folder("a", null)];

describe("branches", () => {
  it("sorts by name as people count and adds up what lies below", () => {
    const tree = branches(folders);
    expect(tree.map((one) => one.folder.id)).toEqual(["a", "b"]);
    expect(tree[1]?.children.map((one) => one.folder.id)).toEqual(["a9", "a10"]);
    expect(tree.map((one) => one.total)).toEqual([0, 6]);
  });
});

describe("places", () => {
  it("leaves out the folder that moves and what lies in it", () => {
    expect(places(folders).map((one) => one.id)).toEqual(["a", "b", "a9", "a10"]);
    expect(places(folders, folders[0]).map((one) => one.id)).toEqual(["a"]);
  });
});

describe("above", () => {
  it("names what must be open, and nothing for what is not there", () => {
    expect(above(folders, "a9").map((one) => one.id)).toEqual(["b"]);
    expect(above(folders, "b")).toEqual([]);
    expect(above(folders, "gone")).toEqual([]);
  });
});
