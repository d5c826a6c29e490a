import { getRouteApi, useNavigate, useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, type Me, Problem, sentenceOf, type TenantChoice } from "@/api";
import { queryClient } from "@/app/queries";
import { meQuery } from "@/app/session";
import { Button, Field, Input } from "@/kit";

const route = getRouteApi("/sign-in");

export function SignInPage() {
  const { next } = route.useSearch();
  const navigate = useNavigate();
  const router = useRouter();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [tenants, setTenants] = useState<TenantChoice[] | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState<string | null>(null);

  const signIn = async (tenant?: string) => {
    setBusy(tenant ?? "");
    setError(null);
    try {
      const me = await api.post<Me>("/iam/sign-in", { email: email.trim(), password, tenant });
      queryClient.clear();
      queryClient.setQueryData(meQuery.queryKey, me);
      if (next && isOurs(next)) router.history.push(next);
      else await navigate({ to: "/chat" });
    } catch (problem) {
      if (problem instanceof Problem && problem.code === "choose_tenant")
        setTenants((problem.body.tenants as TenantChoice[] | undefined) ?? []);
      else setError(waitSentence(problem));
    } finally {
      setBusy(null);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void signIn();
  };

  return (
    <main className="flex min-h-dvh items-center justify-center bg-sunken px-4 py-10">
      <title>Sign in · Lyceum</title>
      <div className="w-full max-w-sm">
        <div className="mb-6 flex items-center justify-center gap-3">
          <img src="/icon.svg" alt="" className="size-10" />
          <span className="font-serif text-3xl font-semibold">Lyceum</span>
        </div>
        <div className="rounded-2xl border bg-surface p-6 shadow-card sm:p-7">
          {tenants ? (
            <>
              <h1 className="font-serif text-xl font-semibold">Choose an organisation</h1>
              <p className="mt-1 mb-4 text-sm text-soft">Your account belongs to more than one.</p>
              <div className="flex flex-col gap-2">
                {tenants.map((tenant) => (
                  <Button
                    key={tenant.slug}
                    className="justify-start!"
                    busy={busy === tenant.slug}
                    disabled={busy !== null}
                    onClick={() => void signIn(tenant.slug)}
                  >
                    <span className="truncate">{tenant.name}</span>
                  </Button>
                ))}
                <Button tone="quiet" onClick={() => setTenants(null)}>
                  Use another account
                </Button>
              </div>
            </>
          ) : (
            <form onSubmit={submit} className="flex flex-col gap-4">
              <div>
                <h1 className="font-serif text-xl font-semibold">Sign in</h1>
                <p className="mt-1 text-sm text-soft">Ask your organisation’s documents.</p>
              </div>
              <Field label="Email">
                <Input
                  type="email"
                  autoComplete="username"
                  required
                  autoFocus
                  value={email}
                  onChange={(event) => setEmail(event.target.value)}
                />
              </Field>
              <Field label="Password">
                <Input
                  type="password"
                  autoComplete="current-password"
                  required
                  value={password}
                  onChange={(event) => setPassword(event.target.value)}
                />
              </Field>
              <Button type="submit" tone="primary" busy={busy !== null}>
                Sign in
              </Button>
            </form>
          )}
          {error && (
            <p role="alert" className="mt-4 rounded-lg bg-danger-wash px-3 py-2 text-sm text-danger">
              {error}
            </p>
          )}
        </div>
      </div>
    </main>
  );
}

function waitSentence(problem: unknown): string {
  const seconds = problem instanceof Problem ? problem.retryAfterSeconds : undefined;
  return seconds ? `${sentenceOf(problem)} You can try again in ${seconds} seconds.` : sentenceOf(problem);
}

/** Only a path of this site: `//host` and `/\host` would leave it. */
function isOurs(path: string): boolean {
  return /^\/(?![/\\])/.test(path) && !path.startsWith("/sign-in");
}
