import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, type Me, type OpenInvitation, Problem } from "@/api";
import { meQuery, startAs } from "@/app/session";
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
      {!hasAccount ? (
        <NewAccount token={token} />
      ) : me.isPending ? (
        <Skeleton className="h-10" />
      ) : isHere ? (
        <Accept token={token} />
      ) : (
        <SignInFirst token={token} email={email} signedInAs={me.data?.user.email} />
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

function NewAccount({ token }: { token: string }) {
  const action = useAction();
  const enter = useEnter(token);
  const [name, setName] = useState("");
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

interface SignInFirstProps {
  token: string;
  email: string;
  signedInAs: string | undefined;
}

function SignInFirst({ token, email, signedInAs }: SignInFirstProps) {
  return (
    <>
      <p className="text-sm text-soft">
        {signedInAs
          ? `You are signed in as ${signedInAs}. This invitation is for ${email}: sign in with that address to accept it.`
          : "This address has an account. Sign in with it to accept."}
      </p>
      <Link
        to="/sign-in"
        search={{ next: `/invitation?token=${encodeURIComponent(token)}` }}
        className={buttonLook("primary")}
      >
        Sign in as {email}
      </Link>
    </>
  );
}
