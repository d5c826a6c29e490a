import { useQuery } from "@tanstack/react-query";
import {
  ChevronRight,
  Ellipsis,
  Folder as FolderIcon,
  FolderOpen,
  FolderPlus,
  Inbox,
  Library,
} from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Folder } from "@/api";
import { count, cx, IconButton, Menu, MenuItem, plural } from "@/kit";
import { foldersQuery } from "../data";
import { DeleteFolder, MoveFolder, NameFolder } from "./FolderDialogs";
import { DeleteTree, NameTree, treeQuery } from "./TreeDialogs";
import { above, type Branch, branches } from "./tree";

/** Documents that stand in no folder, where a folder's id would be. */
export const atTop = "top";

interface FolderPaneProps {
  collectionId: string;
  /** The folder that is shown; all documents without one. */
  current: string | undefined;
  onChoose: (folder: string | undefined) => void;
  mayWrite: boolean;
  /** Whether the tree itself may be named, described and taken away. */
  mayChange: boolean;
}

type Asking =
  | { what: "new"; parent?: Folder }
  | { what: "name tree" | "delete tree" }
  | { what: "rename" | "move" | "delete"; folder: Folder }
  | null;

/** The folders of a collection beside its documents. */
export function FolderPane({ collectionId, current, onChoose, mayWrite, mayChange }: FolderPaneProps) {
  const { data } = useQuery(foldersQuery(collectionId));
  const repositoryId = data?.repositoryId ?? null;
  const tree = useQuery({ ...treeQuery(repositoryId ?? ""), enabled: repositoryId !== null }).data;
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [asking, setAsking] = useState<Asking>(null);
  if (!data) return null;
  const { folders, topCount } = data;
  const open = new Set(above(folders, current).map((one) => one.id));
  for (const [id, isOpen] of toggled)
    if (isOpen) open.add(id);
    else open.delete(id);
  const toggle = (id: string) => setToggled(new Map(toggled).set(id, !open.has(id)));
  const chosen = folders.find((one) => one.id === current);
  const close = () => setAsking(null);

  const rows = (list: Branch[], depth: number): ReactNode =>
    list.map(({ folder, children, total }) => {
      const isOpen = open.has(folder.id);
      return (
        <li key={folder.id}>
          <Entry
            isCurrent={folder.id === current}
            depth={depth}
            icon={isOpen && children.length > 0 ? <FolderOpen aria-hidden /> : <FolderIcon aria-hidden />}
            name={folder.name}
            total={total}
            onChoose={() => onChoose(folder.id)}
            toggle={
              children.length > 0 && (
                <button
                  type="button"
                  aria-expanded={isOpen}
                  aria-label={`Folders in ${folder.name}`}
                  onClick={() => toggle(folder.id)}
                  className="flex size-6 items-center justify-center rounded text-faint hover:text-ink"
                >
                  <ChevronRight
                    className={cx("size-4 transition-transform", isOpen && "rotate-90")}
                    aria-hidden
                  />
                </button>
              )
            }
            menu={
              mayWrite && (
                <Menu
                  trigger={
                    <IconButton label={`Actions for ${folder.name}`} size="sm">
                      <Ellipsis />
                    </IconButton>
                  }
                >
                  <MenuItem onSelect={() => setAsking({ what: "new", parent: folder })}>
                    New folder in it…
                  </MenuItem>
                  <MenuItem onSelect={() => setAsking({ what: "rename", folder })}>Rename…</MenuItem>
                  <MenuItem onSelect={() => setAsking({ what: "move", folder })}>Move…</MenuItem>
                  <MenuItem danger onSelect={() => setAsking({ what: "delete", folder })}>
                    Delete…
                  </MenuItem>
                </Menu>
              )
            }
          />
          {isOpen && children.length > 0 && <ul>{rows(children, depth + 1)}</ul>}
        </li>
      );
    });

  return (
    <nav aria-label="Folders" className="min-w-0">
      <div className="mb-1 flex min-h-8 items-center pl-2">
        <h2 className="min-w-0 flex-1 truncate text-xs font-medium text-faint">{tree?.name ?? "Folders"}</h2>
        {mayChange && tree && (
          <Menu
            trigger={
              <IconButton label={`Actions for the tree ${tree.name}`} size="sm">
                <Ellipsis />
              </IconButton>
            }
          >
            <MenuItem onSelect={() => setAsking({ what: "name tree" })}>Name and description…</MenuItem>
            <MenuItem danger onSelect={() => setAsking({ what: "delete tree" })}>
              Delete all folders…
            </MenuItem>
          </Menu>
        )}
        {mayWrite && (
          <IconButton
            label={chosen ? `New folder in ${chosen.name}` : "New folder"}
            size="sm"
            onClick={() => setAsking({ what: "new", parent: chosen })}
          >
            <FolderPlus />
          </IconButton>
        )}
      </div>
      {tree?.description && <p className="px-2 pb-2 text-xs break-words text-faint">{tree.description}</p>}
      <ul className="max-lg:max-h-64 max-lg:overflow-y-auto">
        <li>
          <Entry
            isCurrent={current === undefined}
            icon={<Library aria-hidden />}
            name="All documents"
            onChoose={() => onChoose(undefined)}
          />
        </li>
        {folders.length > 0 && (
          <li>
            <Entry
              isCurrent={current === atTop}
              icon={<Inbox aria-hidden />}
              name="In no folder"
              total={topCount}
              onChoose={() => onChoose(atTop)}
            />
          </li>
        )}
        {rows(branches(folders), 0)}
      </ul>
      {folders.length === 0 && mayWrite && (
        <p className="px-2 pt-2 text-xs text-faint">
          Upload a folder, and it stands here as it is. Searches can look through one folder alone.
        </p>
      )}
      {asking?.what === "name tree" && tree && <NameTree tree={tree} onClose={close} />}
      {asking?.what === "delete tree" && tree && (
        <DeleteTree tree={tree} onClose={close} onDeleted={() => onChoose(undefined)} />
      )}
      {asking?.what === "new" && (
        <NameFolder
          collectionId={collectionId}
          parent={asking.parent}
          onClose={close}
          onMade={(made) => {
            if (made.parentId) setToggled(new Map(toggled).set(made.parentId, true));
            onChoose(made.id);
          }}
        />
      )}
      {asking?.what === "rename" && (
        <NameFolder collectionId={collectionId} folder={asking.folder} onClose={close} />
      )}
      {asking?.what === "move" && <MoveFolder folder={asking.folder} onClose={close} />}
      {asking?.what === "delete" && (
        <DeleteFolder
          folder={asking.folder}
          onClose={close}
          onDeleted={() => onChoose(asking.folder.parentId ?? undefined)}
        />
      )}
    </nav>
  );
}

interface EntryProps {
  isCurrent: boolean;
  depth?: number;
  icon: ReactNode;
  name: string;
  total?: number;
  toggle?: ReactNode;
  menu?: ReactNode;
  onChoose: () => void;
}

function Entry({ isCurrent, depth = 0, icon, name, total, toggle, menu, onChoose }: EntryProps) {
  return (
    <div
      style={{ paddingLeft: `${Math.min(depth, 8) * 0.75}rem` }}
      className={cx(
        "flex h-9 items-center rounded-lg pr-1",
        isCurrent ? "bg-accent-wash text-accent" : "hover:bg-sunken",
      )}
    >
      <span className="flex w-6 shrink-0 justify-center">{toggle}</span>
      <button
        type="button"
        aria-current={isCurrent || undefined}
        onClick={onChoose}
        title={name}
        className="flex h-full min-w-0 flex-1 items-center gap-2 text-left text-sm [&>svg]:size-4 [&>svg]:shrink-0 [&>svg]:text-faint"
      >
        {icon}
        <span className="min-w-0 flex-1 truncate">{name}</span>
        {total !== undefined && total > 0 && (
          <span className="text-xs text-faint tabular-nums">
            <span aria-hidden>{count(total)}</span>
            <span className="sr-only">{plural(total, "document")}</span>
          </span>
        )}
      </button>
      {menu}
    </div>
  );
}
