import type { Folder } from "@/api";

export interface Branch {
  folder: Folder;
  children: Branch[];
  /** Documents in it and in all that lies in it. */
  total: number;
}

/** The folders as a tree, by name in each place. */
export function branches(folders: readonly Folder[]): Branch[] {
  const known = new Map<string, Branch>();
  for (const folder of folders) known.set(folder.id, { folder, children: [], total: folder.documentCount });
  const top: Branch[] = [];
  for (const branch of known.values()) {
    const parent = branch.folder.parentId ? known.get(branch.folder.parentId) : undefined;
    (parent?.children ?? top).push(branch);
  }
  const settle = (list: Branch[]): number => {
    list.sort((a, b) => a.folder.name.localeCompare(b.folder.name, undefined, { numeric: true }));
    for (const branch of list) branch.total += settle(branch.children);
    return list.reduce((sum, branch) => sum + branch.total, 0);
  };
  settle(top);
  return top;
}

/** Where a folder may be moved: everywhere but into itself and what lies in it. Sorted as the tree is drawn. */
export function places(folders: readonly Folder[], moved?: Folder): Folder[] {
  const list: Folder[] = [];
  const walk = (some: Branch[]) => {
    for (const { folder, children } of some) {
      if (folder.id === moved?.id) continue;
      list.push(folder);
      walk(children);
    }
  };
  walk(branches(folders));
  return list;
}

/** The folders above one, the outermost first: what must be open so that it is seen. */
export function above(folders: readonly Folder[], id: string | undefined): Folder[] {
  const known = new Map(folders.map((one) => [one.id, one]));
  const list: Folder[] = [];
  let at = id ? known.get(id)?.parentId : null;
  while (at && list.length < 64) {
    const folder = known.get(at);
    if (!folder) break;
    list.unshift(folder);
    at = folder.parentId;
  }
  return list;
}
