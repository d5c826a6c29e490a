import { FileUp, FolderUp } from "lucide-react";
import { useRef } from "react";
import { Button, Menu, MenuItem } from "@/kit";
import { type Chosen, chosen } from "./files";

interface AddFilesProps {
  onFiles: (files: Chosen[]) => void;
  accept: string[] | undefined;
  label?: string;
}

/** The button that opens the file picker, for files or for a whole folder. */
export function AddFiles({ onFiles, accept, label = "Add documents" }: AddFilesProps) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = (input: HTMLInputElement) => {
    const files = chosen(input.files ?? []).filter(({ file }) => !file.name.startsWith("."));
    // So that the same file can be chosen again.
    input.value = "";
    if (files.length > 0) onFiles(files);
  };
  return (
    <>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        data-testid="files"
        accept={accept?.join(",")}
        onChange={(event) => take(event.target)}
      />
      <input
        ref={folder}
        type="file"
        hidden
        data-testid="folder"
        {...{ webkitdirectory: "" }}
        onChange={(event) => take(event.target)}
      />
      <Menu
        trigger={
          <Button tone="primary" icon={<FileUp aria-hidden />}>
            {label}
          </Button>
        }
      >
        <MenuItem icon={<FileUp aria-hidden />} onSelect={() => files.current?.click()}>
          Choose files…
        </MenuItem>
        <MenuItem icon={<FolderUp aria-hidden />} onSelect={() => folder.current?.click()}>
          Choose a folder…
        </MenuItem>
      </Menu>
    </>
  );
}
