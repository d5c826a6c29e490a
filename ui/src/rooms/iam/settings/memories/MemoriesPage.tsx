import { Brain, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, type Memory, usePages } from "@/api";
import { queryClient } from "@/app/queries";
import {
  ago,
  Badge,
  Button,
  Dialog,
  EmptyState,
  Field,
  Form,
  IconButton,
  Paged,
  Row,
  Rows,
  Section,
  Select,
  Textarea,
  toastError,
  useAction,
  when,
} from "@/kit";
import { SettingsFrame } from "../SettingsFrame";

const memoriesKey = ["memories"];
const refresh = () => queryClient.invalidateQueries({ queryKey: memoriesKey });

const kinds: Record<string, string> = { semantic: "fact", episodic: "event", procedural: "habit" };

/** What agents that remember know of this person, and the way to make them forget it. */
export function MemoriesPage() {
  const list = usePages<Memory>(memoriesKey, "/knowledge/memories");
  const [adding, setAdding] = useState(false);
  const forget = async (memory: Memory) => {
    try {
      await api.delete(`/knowledge/memories/${memory.id}`);
      await refresh();
    } catch (problem) {
      toastError(problem);
    }
  };
  const add = (
    <Button icon={<Plus aria-hidden />} onClick={() => setAdding(true)}>
      Remember something
    </Button>
  );
  return (
    <SettingsFrame title="Memories">
      <Section
        title="What is remembered of you"
        description="Agents that remember read it when it has to do with your question. Nobody else sees it."
        actions={list.rows.length > 0 && add}
      >
        <Paged
          list={list}
          what="what is remembered"
          empty={
            <EmptyState
              icon={<Brain aria-hidden />}
              title="Nothing is remembered"
              action={add}
              className="py-10!"
            >
              Write down what answers should know of you: what you work on, or how you like things done.
            </EmptyState>
          }
        >
          {(rows) => (
            <Rows label="What is remembered of you">
              {rows.map((memory) => (
                <Row
                  key={memory.id}
                  title={memory.content}
                  detail={[
                    `since ${when(memory.createdAt)}`,
                    memory.lastRecalledAt && `last recalled ${ago(memory.lastRecalledAt)}`,
                    memory.expiresAt && `forgotten ${when(memory.expiresAt)}`,
                  ]
                    .filter(Boolean)
                    .join(" · ")}
                  actions={
                    <IconButton label={`Forget “${memory.content}”`} onClick={() => void forget(memory)}>
                      <Trash2 />
                    </IconButton>
                  }
                >
                  <Badge>{kinds[memory.type] ?? memory.type}</Badge>
                </Row>
              ))}
            </Rows>
          )}
        </Paged>
      </Section>
      {adding && <AddMemory onClose={() => setAdding(false)} />}
    </SettingsFrame>
  );
}

function AddMemory({ onClose }: { onClose: () => void }) {
  const [content, setContent] = useState("");
  const [type, setType] = useState("semantic");
  const action = useAction();
  const add = async () => {
    await api.post("/knowledge/memories", { type, content: content.trim() });
    await refresh();
    onClose();
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Remember something">
      <Form action={action} submit="Remember" disabled={!content.trim()} onSubmit={add} onCancel={onClose}>
        <Field label="What" hint="A sentence or two.">
          <Textarea maxLength={2000} value={content} onChange={(event) => setContent(event.target.value)} />
        </Field>
        <Field label="Kind">
          <Select value={type} onChange={(event) => setType(event.target.value)}>
            <option value="semantic">A fact</option>
            <option value="procedural">How I like things done</option>
            <option value="episodic">Something that happened</option>
          </Select>
        </Field>
      </Form>
    </Dialog>
  );
}
