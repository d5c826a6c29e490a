import { ImagePlus, Trash2 } from "lucide-react";
import { type ChangeEvent, useRef } from "react";
import { type Agent, api, send } from "@/api";
import { queryClient } from "@/app/queries";
import { IconButton, Menu, MenuItem, toast, toastError } from "@/kit";
import { agentsQuery } from "../data";
import { AgentIcon } from "./AgentIcon";

const types = "image/png,image/jpeg,image/webp,image/gif";

/** Who answers. Whoever may change the agent's picture does it here. */
export function AgentHead({ agent }: { agent: Agent }) {
  const input = useRef<HTMLInputElement>(null);
  const path = `/agents/agents/${agent.id}/icon`;
  const change = async (act: () => Promise<unknown>, done: string) => {
    try {
      await act();
      await queryClient.invalidateQueries({ queryKey: agentsQuery.queryKey });
      toast.success(done);
    } catch (error) {
      toastError(error);
    }
  };
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    // The same file again is a choice too.
    event.target.value = "";
    if (file) void change(() => send("PUT", path, file), "The picture is changed.");
  };
  return (
    <div className="mb-4 flex items-center gap-3">
      {agent.mayChangeIcon ? (
        <>
          <Menu
            trigger={
              <IconButton label={`Picture of ${agent.name}`} className="size-12! rounded-xl! p-0!">
                <AgentIcon agent={agent} large />
              </IconButton>
            }
          >
            <MenuItem icon={<ImagePlus aria-hidden />} onSelect={() => input.current?.click()}>
              {agent.iconUrl ? "Replace the picture…" : "Choose a picture…"}
            </MenuItem>
            {agent.iconUrl && (
              <MenuItem
                danger
                icon={<Trash2 aria-hidden />}
                onSelect={() => void change(() => api.delete(path), "The picture is removed.")}
              >
                Remove the picture
              </MenuItem>
            )}
          </Menu>
          <input
            ref={input}
            type="file"
            accept={types}
            className="hidden"
            aria-hidden
            tabIndex={-1}
            data-testid="agent-picture"
            onChange={choose}
          />
        </>
      ) : (
        <AgentIcon agent={agent} large />
      )}
      <p className="text-sm font-medium text-soft">{agent.name}</p>
    </div>
  );
}
