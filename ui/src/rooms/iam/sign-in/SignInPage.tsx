import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate, useRouter } from "@tanstack/react-router";
import { KeySquare } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api, type Me, type Page, Problem, type SignInOptions, type TenantChoice } from "@/api";
import { startAs } from "@/app/session";
import { Alert, Button, buttonLook, Field, Input } from "@/kit";
import { AuthFrame } from "./AuthFrame";
import { isOurs, looksLikeEmail, providerAddress, providerSentence, waitSentence } from "./words";

const route = getRouteApi("/sign-in");

/** Until the server has said otherwise; a password is always worth a try. */
const plain: SignInOptions = { password: true, providers: [], developmentSignIn: false };

export function SignInPage() {
  const { next: wanted, returnTo, tenant, problem, choose } = route.useSearch();
  const next = wanted ?? returnTo;
  const navigate = useNavigate();
  const router = useRouter();
  const [email, setEmail] = useState("");
  // Asked about when the field is left, not at every letter.
  const [typed, setTyped] = useState("");
  const [password, setPassword] = useState("");
  const [mine, setMine] = useState<TenantChoice[] | null>(null);
  const [error, setError] = useState<string | null>(problem ? providerSentence(problem) : null);
  const [busy, setBusy] = useState<string | null>(null);
  const options =
    useQuery({
      queryKey: ["sign-in-options", tenant ?? "", typed],
      queryFn: ({ signal }) =>
        api.get<SignInOptions>("/iam/sign-in/options", { query: { tenant, email: typed }, signal }),
      placeholderData: keepPreviousData,
    }).data ?? plain;
  // Back from a provider with an account in several organisations; the cookie says which account.
  const pending = useQuery({
    queryKey: ["sign-in-tenants"],
    queryFn: async ({ signal }) =>
      (await api.get<Page<TenantChoice>>("/iam/sign-in/tenants", { signal })).data,
    enabled: choose === true,
    retry: false,
  });
  const tenants = mine ?? pending.data;

  const enter = async (mark: string, path: string, body: Record<string, string | undefined>) => {
    setBusy(mark);
    setError(null);
    try {
      startAs(await api.post<Me>(path, body));
      if (next && isOurs(next)) router.history.push(next);
      else await navigate({ to: "/chat" });
    } catch (refused) {
      if (refused instanceof Problem && refused.code === "choose_tenant")
        setMine((refused.body.tenants as TenantChoice[] | undefined) ?? []);
      else setError(waitSentence(refused));
    } finally {
      setBusy(null);
    }
  };
  const signIn = (slug: string | undefined) =>
    enter(slug ?? "", "/iam/sign-in", { email: email.trim(), password, tenant: slug });
  const choice = (slug: string) =>
    mine ? signIn(slug) : enter(slug, "/iam/sign-in/tenant", { tenant: slug });
  const otherAccount = () => {
    setMine(null);
    setError(null);
    void navigate({ to: "/sign-in", search: { next }, replace: true });
  };
  // One name may lead into several organisations.
  const several = new Set(options.providers.map((one) => one.tenant.slug)).size > 1;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void signIn(tenant);
  };

  if (tenants && (mine || choose))
    return (
      <AuthFrame
        title="Sign in"
        heading="Choose an organisation"
        about="Your account belongs to more than one."
      >
        <div className="flex flex-col gap-2">
          {tenants.map((one) => (
            <Button
              key={one.slug}
              className="justify-start!"
              busy={busy === one.slug}
              disabled={busy !== null}
              onClick={() => void choice(one.slug)}
            >
              <span className="truncate">{one.name}</span>
            </Button>
          ))}
          <Button tone="quiet" onClick={otherAccount}>
            Use another account
          </Button>
        </div>
        {error && <Alert>{error}</Alert>}
      </AuthFrame>
    );
  return (
    <AuthFrame title="Sign in" heading="Sign in" about="Ask your organisation’s documents.">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field label="Email">
          <Input
            type="email"
            autoComplete="username"
            required
            autoFocus
            value={email}
            onChange={(event) => setEmail(event.target.value)}
            onBlur={() => setTyped(looksLikeEmail(email) ? email.trim() : "")}
          />
        </Field>
        {options.password ? (
          <>
            <Field label="Password">
              <Input
                type="password"
                autoComplete="current-password"
                required
                value={password}
                onChange={(event) => setPassword(event.target.value)}
              />
            </Field>
            <Button
              type="submit"
              tone="primary"
              busy={busy === "" || busy === tenant}
              disabled={busy !== null}
            >
              Sign in
            </Button>
          </>
        ) : (
          <p className="text-sm text-soft">Your organisation signs in through its own identity provider.</p>
        )}
      </form>
      {options.password && (
        <Link to="/forgot" className="self-center text-sm text-accent underline-offset-2 hover:underline">
          Forgot your password?
        </Link>
      )}
      {(options.providers.length > 0 || options.developmentSignIn) && (
        <div className="flex flex-col gap-2 border-t pt-4">
          {options.providers.map((one) => (
            <a
              key={one.id}
              href={providerAddress(one.startUrl, next)}
              className={buttonLook(options.password ? "plain" : "primary")}
            >
              <KeySquare aria-hidden />
              <span className="truncate">
                Continue with {one.name}
                {several && ` (${one.tenant.name})`}
              </span>
            </a>
          ))}
          {options.developmentSignIn && (
            <Button
              busy={busy === "development"}
              disabled={busy !== null || !looksLikeEmail(email)}
              onClick={() =>
                void enter("development", "/iam/sign-in/development", { email: email.trim(), tenant })
              }
            >
              Continue without a password (development)
            </Button>
          )}
        </div>
      )}
      {error && <Alert>{error}</Alert>}
    </AuthFrame>
  );
}
