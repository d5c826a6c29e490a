import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, type Me, type OpenInvitation, Problem } from "@/api";
import { meQuery, startAnew, startAs } from "@/app/session";
import { Alert, Button, buttonLook, day, ErrorState, Field, Form, Input, Skeleton, useAction } from "@/kit";
import { AuthFrame } from "../sign-in/AuthFrame";
import { NewPassword } from "../sign-in/NewPassword";
import { passwordFault } from "../sign-in/words";

const route = getRouteApi("/invitation");

export function InvitationPage() {
  const { token } = route.useSearch();
  const invitation = useQuery({
    queryKey: ["open-invitation", token],
    queryFn: ({ signal }) => api.get<OpenInvitation>("/iam/invitations/open", { query: { token }, signal }),
    enabled: token !== undefined,
  });
  if (invitation.data && token) return <Answer token={token} invitation={invitation.data} />;
  return (
    <AuthFrame title="Invitation" heading="Invitation">
      {!token ? (
        <Alert>This link is not whole. Open it again from the mail.</Alert>
      ) : invitation.error ? (
        <>
          <ErrorState
            error={invitation.error}
            retry={isFinal(invitation.error) ? undefined : () => void invitation.refetch()}
          />
          <Link to="/sign-in" className={buttonLook("quiet")}>
            Go to sign-in
          </Link>
        </>
      ) : (
        <div role="status" className="flex flex-col gap-3">
          <span className="sr-only">Loading the invitation…</span>
          <Skeleton className="h-5" />
          <Skeleton className="h-10" />
        </div>
      )}
    </AuthFrame>
  );
}

const isFinal = (error: unknown) => error instanceof Problem && !error.isTransient;

interface AnswerProps {
  token: string;
  invitation: OpenInvitation;
}

function Answer({ token, invitation }: AnswerProps) {
  const { tenant, team, email, invitedBy, expiresAt, hasAccount } = invitation;
  const declining = useAction();
  const [isDeclined, setDeclined] = useState(false);
  const me = useQuery({ ...meQuery, retry: false });
  const isHere = me.data?.user.email.toLowerCase() === email.toLowerCase();
  if (isDeclined)
    return (
      <AuthFrame title="Invitation" heading="You said no">
        <p role="status" className="text-sm text-soft">
          {tenant.name} will see that you declined. Nothing else was stored about you.
        </p>
      </AuthFrame>
    );
  const decline = () =>
    declining.run(async () => {
      await api.post("/iam/invitations/decline", { token });
      setDeclined(true);
    });
  return (
    <AuthFrame
      title="Invitation"
      heading={`Join ${tenant.name}`}
      about={
        <>
          {invitedBy ? `${invitedBy} invites you` : "You are invited"}
          {team && (
            <>
              {" "}
              to the team <strong className="font-medium text-ink">{team.name}</strong>
            </>
          )}
          , as <strong className="font-medium text-ink">{email}</strong>. The invitation is open until{" "}
          {day(expiresAt)}.
        </>
      }
    >
      {me.isPending ? (
        <Skeleton className="h-10" />
      ) : isHere ? (
        <Accept token={token} />
      ) : me.data ? (
        <OtherAccount token={token} email={email} signedInAs={me.data.user.email} />
      ) : hasAccount ? (
        <HasAccount token={token} email={email} />
      ) : (
        <NewAccount
          token={token}
          name={[invitation.firstName, invitation.lastName].filter(Boolean).join(" ")}
        />
      )}
      {declining.error !== null && <ErrorState error={declining.error} />}
      <Button tone="quiet" busy={declining.busy} onClick={() => void decline()}>
        Decline the invitation
      </Button>
    </AuthFrame>
  );
}

/** Enters the organisation; the answer to an acceptance is the session in it. */
function useEnter(token: string) {
  const navigate = useNavigate();
  return async (account: { displayName?: string; password?: string }) => {
    startAs(await api.post<Me>("/iam/invitations/accept", { token, ...account }));
    await navigate({ to: "/chat" });
  };
}

interface NewAccountProps {
  token: string;
  /** What whoever invited them wrote. */
  name: string;
}

function NewAccount({ token, name: given }: NewAccountProps) {
  const action = useAction();
  const enter = useEnter(token);
  const [name, setName] = useState(given);
  const [{ password, again }, setBoth] = useState({ password: "", again: "" });
  return (
    <Form
      action={action}
      submit="Create account and join"
      shown={["displayName", "password"]}
      disabled={!name.trim() || passwordFault(password, again) !== null}
      onSubmit={() => enter({ displayName: name.trim(), password })}
    >
      <Field label="Your name" hint="How others will see you." error={action.fields.displayName}>
        <Input
          required
          autoFocus
          autoComplete="name"
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <NewPassword
        label="Password"
        value={password}
        again={again}
        error={action.fields.password}
        onChange={(value, repeated) => setBoth({ password: value, again: repeated })}
      />
    </Form>
  );
}

function Accept({ token }: { token: string }) {
  const action = useAction();
  const enter = useEnter(token);
  return (
    <Form action={action} submit="Join" onSubmit={() => enter({})}>
      <p className="text-sm text-soft">You are signed in with this address already.</p>
    </Form>
  );
}

interface HasAccountProps {
  token: string;
  email: string;
}

/** Somebody whose account is not signed in here proves to be them by its password. */
function HasAccount({ token, email }: HasAccountProps) {
  const action = useAction();
  const enter = useEnter(token);
  const [password, setPassword] = useState("");
  return (
    <Form action={action} submit="Join" disabled={!password} onSubmit={() => enter({ password })}>
      <p className="text-sm text-soft">You have an account here. Its password is enough.</p>
      <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
      <Field label="Password" error={action.fields.password}>
        <Input
          type="password"
          autoComplete="current-password"
          autoFocus
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </Field>
      <Link
        to="/sign-in"
        search={{ next: `/invitation?token=${encodeURIComponent(token)}` }}
        className="text-sm text-accent underline-offset-2 hover:underline"
      >
        Sign in another way
      </Link>
    </Form>
  );
}

interface OtherAccountProps {
  token: string;
  email: string;
  signedInAs: string;
}

function OtherAccount({ token, email, signedInAs }: OtherAccountProps) {
  const { busy, error, run } = useAction();
  const leave = () =>
    run(async () => {
      await api.post("/iam/sign-out");
      startAnew(`/invitation?token=${encodeURIComponent(token)}`);
    });
  return (
    <>
      <p className="text-sm text-soft">
        You are signed in as <strong className="font-medium break-words text-ink">{signedInAs}</strong>, and
        this invitation is for {email}.
      </p>
      {error !== null && <ErrorState error={error} />}
      <Button tone="primary" busy={busy} onClick={() => void leave()}>
        Sign out and go on
      </Button>
    </>
  );
}
