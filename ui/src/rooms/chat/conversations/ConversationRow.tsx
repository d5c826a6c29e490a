import { Link, useNavigate } from "@tanstack/react-router";
import { Ellipsis, Pencil, Trash2 } from "lucide-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { api, type Conversation } from "@/api";
import { queryClient } from "@/app/queries";
import { ago, ConfirmDialog, cx, IconButton, Menu, MenuItem, toastError } from "@/kit";
import { writeDraft } from "../composer/drafts";
import { conversationChanged, conversationsKey, messagesKey } from "../data";

interface ConversationRowProps {
  conversation: Conversation;
  isCurrent: boolean;
  onOpen: () => void;
}

/** One chat: opens on a click, F2 renames it in place, Delete asks and deletes. */
export function ConversationRow({ conversation, isCurrent, onOpen }: ConversationRowProps) {
  const navigate = useNavigate();
  const [renaming, setRenaming] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const title = conversation.title || "Untitled chat";

  const rename = async (next: string) => {
    setRenaming(false);
    const name = next.trim();
    if (!name || name === conversation.title) return;
    try {
      await api.patch(`/chat/conversations/${conversation.id}`, { title: name });
      conversationChanged(conversation.id);
    } catch (error) {
      toastError(error);
    }
  };
  const remove = async () => {
    await api.delete(`/chat/conversations/${conversation.id}`);
    writeDraft(conversation.id, "");
    if (isCurrent) await navigate({ to: "/chat" });
    queryClient.removeQueries({ queryKey: messagesKey(conversation.id) });
    await queryClient.invalidateQueries({ queryKey: conversationsKey });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "F2") setRenaming(true);
    else if (event.key === "Delete") setDeleting(true);
    else return;
    event.preventDefault();
  };

  if (renaming)
    return (
      <li>
        <RenameBox title={conversation.title ?? ""} onDone={rename} onCancel={() => setRenaming(false)} />
      </li>
    );
  return (
    <li className={cx("group/row relative rounded-lg", isCurrent ? "bg-line/70" : "hover:bg-line/40")}>
      <Link
        to="/chat/$conversationId"
        params={{ conversationId: conversation.id }}
        preload={false}
        data-row
        aria-current={isCurrent ? "page" : undefined}
        onClick={onOpen}
        onKeyDown={onKeyDown}
        className="flex items-baseline gap-2 px-2.5 py-1.5 text-sm pointer-coarse:py-2.5 pointer-coarse:pr-10"
      >
        <span className={cx("min-w-0 flex-1 truncate", isCurrent && "font-medium")}>{title}</span>
        <time
          dateTime={conversation.lastMessageAt ?? conversation.createdAt}
          className="shrink-0 text-xs text-faint group-focus-within/row:invisible group-hover/row:invisible pointer-coarse:hidden"
        >
          {ago(conversation.lastMessageAt ?? conversation.createdAt, "narrow")}
        </time>
      </Link>
      <span className="absolute inset-y-0 right-0.5 flex items-center">
        <Menu
          trigger={
            <IconButton
              label={`Actions for ${title}`}
              side="right"
              className="h-7! w-7! opacity-0 group-focus-within/row:opacity-100 group-hover/row:opacity-100 hover:bg-line! data-[state=open]:opacity-100 pointer-coarse:opacity-100"
            >
              <Ellipsis />
            </IconButton>
          }
        >
          <MenuItem icon={<Pencil aria-hidden />} onSelect={() => setTimeout(() => setRenaming(true))}>
            Rename
          </MenuItem>
          <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={() => setDeleting(true)}>
            Delete…
          </MenuItem>
        </Menu>
      </span>
      <ConfirmDialog
        open={deleting}
        onOpenChange={setDeleting}
        title="Delete this chat?"
        action="Delete chat"
        onConfirm={remove}
      >
        <strong className="font-medium text-ink">{title}</strong> and all its questions and answers will be
        gone. The documents it used stay.
      </ConfirmDialog>
    </li>
  );
}

interface RenameBoxProps {
  title: string;
  onDone: (title: string) => void;
  onCancel: () => void;
}

function RenameBox({ title, onDone, onCancel }: RenameBoxProps) {
  // Esc also takes the focus away, and that must not save.
  const left = useRef(false);
  return (
    <input
      aria-label="Name of the chat"
      defaultValue={title}
      maxLength={200}
      // biome-ignore lint/a11y/noAutofocus: the reader asked for this box
      autoFocus
      onFocus={(event) => event.target.select()}
      onBlur={(event) => !left.current && onDone(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
        else if (event.key === "Escape") {
          left.current = true;
          onCancel();
        }
        event.stopPropagation();
      }}
      className="h-8 w-full rounded-lg border border-accent bg-surface px-2 text-sm"
    />
  );
}
