import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { api } from "@/api";
import { Alert, buttonLook, ErrorState, Skeleton } from "@/kit";
import { AuthFrame } from "./AuthFrame";

const route = getRouteApi("/verify");

export function VerifyEmailPage() {
  const { token } = route.useSearch();
  // A query and not a mutation, so that the strict mode's second mount does not use up the link.
  const { isSuccess, error, refetch } = useQuery({
    queryKey: ["verify-email", token],
    queryFn: async () => {
      await api.post("/iam/email/verify", { token });
      return true;
    },
    enabled: token !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <AuthFrame
      title="Email address"
      heading={isSuccess ? "Your address is confirmed" : "Confirming your address"}
    >
      {!token ? (
        <Alert>This link is not whole. Open it again from the mail.</Alert>
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : isSuccess ? (
        <p role="status" className="text-sm text-soft">
          Thank you. Mails of your organisation reach you there.
        </p>
      ) : (
        <div role="status">
          <span className="sr-only">Confirming…</span>
          <Skeleton className="h-5" />
        </div>
      )}
      <Link to="/chat" className={buttonLook(isSuccess ? "primary" : "quiet")}>
        Go on to Lyceum
      </Link>
    </AuthFrame>
  );
}
