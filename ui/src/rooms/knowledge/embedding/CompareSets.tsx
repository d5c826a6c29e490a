import { useState } from "react";
import {
  api,
  type Collection,
  type EmbeddingSet,
  type EvaluationComparison,
  type QuestionSet,
  usePages,
} from "@/api";
import { queryClient } from "@/app/queries";
import { Button, cx, ErrorState, Field, Select, useAction } from "@/kit";
import { runsKey, setsKey } from "../questions/data";
import { nameOfSet } from "./sets";

const names: Record<string, string> = {
  recall: "Found",
  mrr: "First place",
  ndcg: "nDCG",
  groundedness: "Grounded",
};

/** The same questions asked with the present vectors and with the new ones. */
export function CompareSets({ collection, set }: { collection: Collection; set: EmbeddingSet }) {
  const list = usePages<QuestionSet>(setsKey(collection.id), "/knowledge/question-sets", {
    query: { collection: collection.id },
  });
  const [chosen, setChosen] = useState("");
  const [result, setResult] = useState<EvaluationComparison | null>(null);
  const action = useAction();
  const questions = list.rows.filter((one) => one.questionCount > 0);
  const id = chosen || questions[0]?.id || "";
  if (!list.isLoading && questions.length === 0)
    return (
      <p className="mt-4 text-sm text-soft">
        With saved questions you could measure which of the two finds more, before you switch. Add some under
        Questions.
      </p>
    );
  const compare = () =>
    action.run(async () => {
      setResult(
        await api.post<EvaluationComparison>(
          `/knowledge/collections/${collection.id}/embedding-sets/${set.id}/comparison`,
          { questionSetId: id },
        ),
      );
      await queryClient.invalidateQueries({ queryKey: runsKey(id) });
    });
  return (
    <div className="mt-4">
      <div className="flex flex-wrap items-end gap-2">
        <Field label="Compare with the questions" className="min-w-48">
          <Select value={id} onChange={(event) => setChosen(event.target.value)}>
            {questions.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name} ({one.questionCount})
              </option>
            ))}
          </Select>
        </Field>
        <Button busy={action.busy} disabled={!id} onClick={() => void compare()}>
          Compare
        </Button>
      </div>
      {action.error !== null && <ErrorState error={action.error} className="mt-3" />}
      {result && <Compared comparison={result} name={nameOfSet(set)} />}
    </div>
  );
}

function Compared({ comparison, name }: { comparison: EvaluationComparison; name: string }) {
  const changed = comparison.questions.filter((one) => one.firstNdcg !== one.secondNdcg);
  return (
    <div role="status" className="mt-4 rounded-xl bg-sunken px-4 py-3 text-sm">
      <h3 className="font-medium">Now and with {name}</h3>
      <ul className="mt-2 flex flex-col gap-3">
        {comparison.differences
          .filter((one) => one.questions > 0 && names[one.metric])
          .map((one) => (
            <li key={one.metric}>
              <Pair label={names[one.metric] ?? one.metric} first={one.first} second={one.second} />
              <p className="text-xs text-faint">
                {one.low > 0
                  ? "better, whatever chance did"
                  : one.high < 0
                    ? "worse, whatever chance did"
                    : "no difference that chance could not have made"}{" "}
                ({one.questions} {one.questions === 1 ? "question" : "questions"})
              </p>
            </li>
          ))}
      </ul>
      {changed.length === 0 ? (
        <p className="mt-3 text-soft">Every question finds the same, just as far up.</p>
      ) : (
        <>
          <h4 className="mt-4 font-medium">Questions that changed</h4>
          <ul className="mt-2 flex flex-col gap-3">
            {changed.slice(0, 50).map((one) => (
              <li key={one.questionId}>
                <Pair
                  label={one.question ?? "a question that was removed"}
                  first={one.firstNdcg ?? 0}
                  second={one.secondNdcg ?? 0}
                />
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

/** Two bars, now above new, with their numbers. */
function Pair({ label, first, second }: { label: string; first: number; second: number }) {
  const bars = [
    { when: "now", value: first, look: "bg-faint" },
    { when: "new", value: second, look: second < first ? "bg-danger-solid" : "bg-accent" },
  ];
  return (
    <div className="grid gap-x-4 gap-y-1 sm:grid-cols-[10rem_minmax(0,1fr)]">
      <span className="break-words">{label}</span>
      <span className="flex flex-col gap-1">
        {bars.map(({ when, value, look }) => (
          <span key={when} className="flex items-center gap-2">
            <span className="w-8 text-xs text-faint">{when}</span>
            <span className="h-2 flex-1 overflow-hidden rounded-full bg-line" aria-hidden>
              <span
                className={cx("block h-full rounded-full", look)}
                style={{ width: `${Math.max(0, Math.min(1, value)) * 100}%` }}
              />
            </span>
            <span className="w-12 text-right text-xs tabular-nums">{value.toFixed(3)}</span>
          </span>
        ))}
      </span>
    </div>
  );
}
