import { queryOptions } from "@tanstack/react-query";
import { api, type EvaluationComparison, type QuestionSet } from "@/api";
import { queryClient } from "@/app/queries";

export const setsKey = (collectionId: string) => ["question-sets", collectionId];
export const questionsKey = (setId: string) => ["questions", setId];
export const runsKey = (setId: string) => ["evaluation-runs", setId];

export const comparisonQuery = (first: string, second: string) =>
  queryOptions({
    queryKey: ["evaluation-comparison", first, second],
    queryFn: ({ signal }) =>
      api.get<EvaluationComparison>(`/knowledge/evaluation-runs/${first}/compare/${second}`, { signal }),
  });

export interface NewQuestion {
  question: string;
  answer?: string;
  expectedQuotes?: string[];
  expectedChunks?: string[];
}

export async function addQuestions(set: QuestionSet, questions: NewQuestion[]): Promise<void> {
  await api.post(`/knowledge/question-sets/${set.id}/questions`, { questions });
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: questionsKey(set.id) }),
    queryClient.invalidateQueries({ queryKey: setsKey(set.collectionId) }),
  ]);
}
