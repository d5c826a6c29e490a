import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { BookOpen, Keyboard, MessageSquareText, SquarePen, SunMoon } from "lucide-react";
import { type ReactNode, useDeferredValue, useState } from "react";
import { api, type Collection, type Conversation, type Page } from "@/api";
import { Dialog } from "@/kit";
import { chooseTheme } from "./profile";
import { useRooms } from "./rooms";
import { useTheme } from "./theme";

interface CommandPaletteProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onShortcuts: () => void;
}

/** Ctrl or Cmd+K: rooms, actions, conversations and collections in one list. */
export function CommandPalette({ open, onOpenChange, onShortcuts }: CommandPaletteProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Go to anything"
      titleHidden
      className="top-[12vh]! w-[min(94vw,38rem)]! translate-y-0! p-0!"
    >
      <Palette close={() => onOpenChange(false)} onShortcuts={onShortcuts} />
    </Dialog>
  );
}

const group =
  "[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-3 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-faint";

function Palette({ close, onShortcuts }: { close: () => void; onShortcuts: () => void }) {
  const navigate = useNavigate();
  const rooms = useRooms();
  const { theme } = useTheme();
  const [text, setText] = useState("");
  const asked = useDeferredValue(text.trim());
  const conversations = useQuery({
    queryKey: ["conversations", "palette", asked],
    queryFn: ({ signal }) =>
      api.get<Page<Conversation>>("/chat/conversations", { query: { q: asked, limit: 8 }, signal }),
    placeholderData: (previous) => previous,
  });
  const collections = useQuery({
    queryKey: ["collections", "palette"],
    queryFn: ({ signal }) =>
      api.get<Page<Collection>>("/knowledge/collections", { query: { limit: 200 }, signal }),
  });

  const act = (action: () => unknown) => () => {
    close();
    void action();
  };
  const matches = (label: string) => label.toLowerCase().includes(asked.toLowerCase());
  const actions: { label: string; icon: ReactNode; run: () => unknown }[] = [
    { label: "New chat", icon: <SquarePen />, run: () => navigate({ to: "/chat" }) },
    ...rooms.map(({ to, label, icon: Icon }) => ({
      label,
      icon: <Icon />,
      run: () => navigate({ to }),
    })),
    {
      label: theme === "dark" ? "Use the light theme" : "Use the dark theme",
      icon: <SunMoon />,
      run: () => chooseTheme(theme === "dark" ? "light" : "dark"),
    },
    { label: "Keyboard shortcuts", icon: <Keyboard />, run: onShortcuts },
  ];
  const foundCollections = (collections.data?.data ?? []).filter((row) => matches(row.name)).slice(0, 8);
  const foundConversations = conversations.data?.data ?? [];
  return (
    <Command label="Go to anything" shouldFilter={false} loop>
      <Command.Input
        value={text}
        onValueChange={setText}
        placeholder="Go to a chat, a collection, a room…"
        className="w-full border-b bg-transparent px-5 py-4 outline-none"
      />
      <Command.List className="max-h-[50vh] overflow-y-auto p-2">
        <Command.Empty className="px-3 py-8 text-center text-sm text-faint">
          {conversations.isFetching ? "Searching…" : `Nothing is called “${asked}”.`}
        </Command.Empty>
        <Command.Group heading="Actions" className={group}>
          {actions
            .filter((action) => matches(action.label))
            .map((action) => (
              <Item
                key={action.label}
                value={`action ${action.label}`}
                icon={action.icon}
                onSelect={act(action.run)}
              >
                {action.label}
              </Item>
            ))}
        </Command.Group>
        {foundConversations.length > 0 && (
          <Command.Group heading="Chats" className={group}>
            {foundConversations.map((row) => (
              <Item
                key={row.id}
                value={row.id}
                icon={<MessageSquareText />}
                onSelect={act(() =>
                  navigate({ to: "/chat/$conversationId", params: { conversationId: row.id } }),
                )}
              >
                {row.title || "Untitled chat"}
              </Item>
            ))}
          </Command.Group>
        )}
        {foundCollections.length > 0 && (
          <Command.Group heading="Collections" className={group}>
            {foundCollections.map((row) => (
              <Item
                key={row.id}
                value={row.id}
                icon={<BookOpen />}
                onSelect={act(() =>
                  navigate({ to: "/knowledge/$collectionId", params: { collectionId: row.id } }),
                )}
              >
                {row.name}
              </Item>
            ))}
          </Command.Group>
        )}
      </Command.List>
    </Command>
  );
}

interface ItemProps {
  value: string;
  icon: ReactNode;
  onSelect: () => void;
  children: ReactNode;
}

function Item({ value, icon, onSelect, children }: ItemProps) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="flex cursor-pointer items-center gap-3 rounded-lg px-3 py-2.5 text-sm data-[selected=true]:bg-sunken [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-faint"
    >
      {icon}
      <span className="truncate">{children}</span>
    </Command.Item>
  );
}
