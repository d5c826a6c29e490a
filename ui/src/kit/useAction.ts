import { useState } from "react";
import { Problem } from "@/api";

export interface Action {
  busy: boolean;
  error: unknown;
  /** What the server said about single fields of the form. */
  fields: Record<string, string[]>;
  /** Runs one thing and keeps what went wrong; true when nothing did. */
  run: (act: () => Promise<unknown>) => Promise<boolean>;
  clear: () => void;
}

/** For a form or a button that asks the server for something: busy while it is under way, and why it was refused. */
export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  return {
    busy,
    error,
    fields: error instanceof Problem ? error.fields : {},
    run: async (act) => {
      setBusy(true);
      setError(null);
      try {
        await act();
        return true;
      } catch (problem) {
        setError(problem);
        return false;
      } finally {
        setBusy(false);
      }
    },
    clear: () => setError(null),
  };
}
