import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck, CircleDashed, X } from "lucide-react";
import { api, type Checklist as ChecklistData, type ChecklistItemId } from "@/api";
import { queryClient } from "@/app/queries";
import { cx, IconButton, toastError } from "@/kit";

const steps: Record<ChecklistItemId, { text: string; to: string }> = {
  model: { text: "Add a language model", to: "/models" },
  collection: { text: "Create a collection", to: "/knowledge" },
  document: { text: "Add a document", to: "/knowledge" },
  question: { text: "Ask a question", to: "/chat" },
  api_key: { text: "Create an API key", to: "/settings" },
};

const key = ["checklist"];

/** The first steps. Each can be skipped; the list goes when all are done or it is closed. */
export function Checklist() {
  const { data } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.get<ChecklistData>("/iam/checklist", { signal }),
    retry: false,
  });
  if (!data || data.dismissed || data.items.every((item) => item.done)) return null;
  const dismiss = async () => {
    queryClient.setQueryData<ChecklistData>(key, { ...data, dismissed: true });
    try {
      await api.patch("/iam/me", { preferences: { checklistDismissed: true } });
    } catch (error) {
      toastError(error);
    }
  };
  const done = data.items.filter((item) => item.done).length;
  return (
    <section
      aria-label="First steps"
      className="mt-10 rounded-2xl border bg-surface p-4 text-left shadow-card"
    >
      <div className="flex items-center justify-between">
        <h2 className="text-sm font-medium">
          First steps{" "}
          <span className="font-normal text-faint">
            {done} of {data.items.length}
          </span>
        </h2>
        <IconButton label="Close for good" onClick={() => void dismiss()}>
          <X />
        </IconButton>
      </div>
      <ul className="mt-1 grid sm:grid-cols-2">
        {data.items.map((item) => {
          const step = steps[item.id];
          const Icon = item.done ? CircleCheck : CircleDashed;
          return (
            step && (
              <li key={item.id}>
                <Link
                  to={step.to}
                  className="flex items-center gap-2.5 rounded-lg px-1 py-1.5 text-sm hover:bg-sunken"
                >
                  <Icon
                    className={cx("size-4.5 shrink-0", item.done ? "text-good" : "text-faint")}
                    aria-hidden
                  />
                  <span className={cx(item.done && "text-faint line-through")}>{step.text}</span>
                  <span className="sr-only">{item.done ? "done" : "to do"}</span>
                </Link>
              </li>
            )
          );
        })}
      </ul>
    </section>
  );
}
