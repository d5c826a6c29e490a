import { Toaster as Sonner, toast } from "sonner";
import { sentenceOf } from "@/api";
import "sonner/dist/styles.css";

export { toast };

/** Says in a toast what went wrong; for actions whose place on the page has no room for an error. */
export function toastError(error: unknown): void {
  toast.error(sentenceOf(error));
}

export function Toaster({ theme }: { theme: "light" | "dark" }) {
  return (
    <Sonner
      theme={theme}
      // Not below, where it would lie on the message box, nor at the right, on the buttons of a page's head.
      position="top-center"
      closeButton
      toastOptions={{ className: "font-sans!" }}
    />
  );
}
