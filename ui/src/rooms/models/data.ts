import { queryOptions } from "@tanstack/react-query";
import {
  api,
  type ChosenDefault,
  type Model,
  type ModelDefault,
  type ModelTest,
  type Page,
  type Provider,
} from "@/api";
import { queryClient } from "@/app/queries";

export const modelsQuery = queryOptions({
  // The chat keeps its own list under the same first word.
  queryKey: ["models", "all"],
  queryFn: async ({ signal }) =>
    (await api.get<Page<Model>>("/models/models", { query: { limit: 200 }, signal })).data,
});

export const providersQuery = queryOptions({
  queryKey: ["model-providers"],
  queryFn: async ({ signal }) => (await api.get<Page<Provider>>("/models/providers", { signal })).data,
  staleTime: 300_000,
});

export const defaultsQuery = queryOptions({
  queryKey: ["models", "defaults"],
  queryFn: async ({ signal }) => (await api.get<Page<ModelDefault>>("/models/defaults", { signal })).data,
});

/** A model was added, changed, tested or deleted, or a default moved: whoever shows models reads them again. */
export async function modelsChanged(): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ["models"] }),
    queryClient.invalidateQueries({ queryKey: ["checklist"] }),
  ]);
}

/** A provider was added, changed or deleted; its name is also shown with its models. */
export async function providersChanged(): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: providersQuery.queryKey }),
    queryClient.invalidateQueries({ queryKey: ["models"] }),
  ]);
}

/** Asks the model something small; what came of it is also kept with the model. */
export async function testModel(id: string): Promise<ModelTest> {
  const test = await api.post<ModelTest>(`/models/models/${id}/test`);
  void modelsChanged();
  return test;
}

/** Says how much was embedded with another model; with reembed, that is done anew in the background. */
export async function makeDefault(
  purpose: string,
  modelId: string,
  reembed: boolean = false,
): Promise<ChosenDefault> {
  const chosen = await api.put<ChosenDefault>(`/models/defaults/${purpose}`, { modelId, reembed });
  await modelsChanged();
  return chosen;
}
