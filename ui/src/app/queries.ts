import { QueryClient } from "@tanstack/react-query";
import { Problem } from "@/api";

/** Reads are repeated when the fault may pass; a refusal is shown at once. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (failures, error) => failures < 2 && error instanceof Problem && error.isTransient,
    },
    mutations: { retry: false },
  },
});
