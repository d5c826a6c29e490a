import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import type { Model } from "@/api";
import { useMay } from "@/app/session";
import { Button, Card, ErrorState, Page, SkeletonRows } from "@/kit";
import { AddModel } from "./add/AddModel";
import { defaultsQuery, modelsQuery } from "./data";
import { ModelRow } from "./ModelRow";
import { Providers } from "./providers/Providers";
import { groupModels, modelTypes, purposesOf } from "./words";

export function ModelsPage() {
  const models = useQuery(modelsQuery);
  const defaults = useQuery(defaultsQuery).data ?? [];
  const mayWrite = useMay("models.models.write");
  const [adding, setAdding] = useState(false);
  const hasOwn = models.data?.some((one) => one.modelType === "llm" && !one.isBuiltin) ?? true;
  const add = mayWrite && (
    <Button tone="primary" icon={<Plus aria-hidden />} onClick={() => setAdding(true)}>
      Add a model
    </Button>
  );
  return (
    <Page
      title="Models"
      description="What writes the answers, and what finds the passages they rest on."
      actions={hasOwn && add}
    >
      {models.isError && !models.data ? (
        <ErrorState error={models.error} retry={() => void models.refetch()} />
      ) : !models.data ? (
        <SkeletonRows count={4} label="Loading the models" />
      ) : (
        <div className="flex flex-col gap-8">
          {!hasOwn && (
            <Card className="border-accent! bg-accent-wash!">
              <h2 className="font-serif text-lg font-semibold">No language model yet</h2>
              <p className="mt-1 max-w-2xl text-sm text-soft">
                Lyceum works without one: the built-in answerer quotes the passages it found, word for word.
                Add a language model, and answers are written in sentences of their own, with the same sources
                beside them.
              </p>
              {add && <div className="mt-4">{add}</div>}
            </Card>
          )}
          {groupModels(models.data).map((group) => (
            <section key={group.type} aria-label={group.name}>
              <h2 className="font-serif text-lg font-semibold">{group.name}</h2>
              <p className="mb-3 text-sm text-faint">
                {modelTypes.find((one) => one.value === group.type)?.about}
              </p>
              <ul className="flex flex-col gap-3">
                {group.models.map((model: Model) => (
                  <ModelRow
                    key={model.id}
                    model={model}
                    purposes={purposesOf(model, defaults)}
                    mayWrite={mayWrite}
                  />
                ))}
              </ul>
            </section>
          ))}
          {mayWrite && <Providers />}
        </div>
      )}
      {adding && <AddModel onClose={() => setAdding(false)} />}
    </Page>
  );
}
