import { useQuery } from "@tanstack/react-query";
import { MonitorSmartphone } from "lucide-react";
import { useState } from "react";
import { api, type Page, type Session } from "@/api";
import { queryClient } from "@/app/queries";
import {
  Badge,
  Button,
  ConfirmDialog,
  ErrorState,
  Row,
  Rows,
  Section,
  SkeletonRows,
  toast,
  when,
} from "@/kit";
import { agentName } from "./agent";

export const sessionsKey = ["my-sessions"];

export function Sessions() {
  const { data, error, refetch } = useQuery({
    queryKey: sessionsKey,
    queryFn: async ({ signal }) => (await api.get<Page<Session>>("/iam/me/sessions", { signal })).data,
  });
  return (
    <Section
      title="Where you are signed in"
      description="End whatever you do not know, then change your password."
    >
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows count={2} label="Loading your sessions" />
      ) : (
        <Rows label="Sessions">
          {data.map((session) => (
            <SessionRow key={session.id} session={session} />
          ))}
        </Rows>
      )}
    </Section>
  );
}

function SessionRow({ session }: { session: Session }) {
  const [ending, setEnding] = useState(false);
  const name = agentName(session.userAgent);
  const end = async () => {
    await api.delete(`/iam/me/sessions/${session.id}`);
    await queryClient.invalidateQueries({ queryKey: sessionsKey });
    toast.success("That session has ended.");
  };
  return (
    <Row
      lead={<MonitorSmartphone aria-hidden />}
      title={name}
      detail={
        <>
          {session.tenant && `${session.tenant.name} · `}
          {session.ipAddress && `${session.ipAddress} · `}since {when(session.createdAt)}
        </>
      }
      actions={
        !session.isCurrent && (
          <Button size="sm" aria-label={`End the session of ${name}`} onClick={() => setEnding(true)}>
            End…
          </Button>
        )
      }
    >
      {session.isCurrent && <Badge tone="good">This browser</Badge>}
      <ConfirmDialog
        open={ending}
        onOpenChange={setEnding}
        title="End this session?"
        action="End session"
        onConfirm={end}
      >
        {name} is signed out at its next request. What was typed there and not sent is lost.
      </ConfirmDialog>
    </Row>
  );
}
