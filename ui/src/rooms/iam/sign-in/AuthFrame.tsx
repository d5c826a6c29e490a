import type { ReactNode } from "react";

interface AuthFrameProps {
  /** Of the document. */
  title: string;
  heading: ReactNode;
  about?: ReactNode;
  children: ReactNode;
}

/** The one card in the middle of every page that needs no session. */
export function AuthFrame({ title, heading, about, children }: AuthFrameProps) {
  return (
    <main className="flex min-h-dvh items-center justify-center bg-sunken px-4 py-10">
      <title>{`${title} · Lyceum`}</title>
      <div className="w-full max-w-sm">
        <div className="mb-6 flex items-center justify-center gap-3">
          <img src="/icon.svg" alt="" className="size-10" />
          <span className="font-serif text-3xl font-semibold">Lyceum</span>
        </div>
        <div className="flex flex-col gap-4 rounded-2xl border bg-surface p-6 shadow-card sm:p-7">
          <div>
            <h1 className="font-serif text-xl font-semibold break-words">{heading}</h1>
            {about && <div className="mt-1 text-sm break-words text-soft">{about}</div>}
          </div>
          {children}
        </div>
      </div>
    </main>
  );
}
