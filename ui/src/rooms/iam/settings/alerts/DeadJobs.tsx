import { CircleCheck, RotateCw, TriangleAlert } from "lucide-react";
import { api, type DeadJob, usePages } from "@/api";
import { queryClient } from "@/app/queries";
import { ago, Button, EmptyState, Paged, plural, Row, Rows, Section, toast, toastError } from "@/kit";

const deadKey = ["dead-jobs"];

/** What was given up in the background, and another set of attempts for it. */
export function DeadJobs() {
  const list = usePages<DeadJob>(deadKey, "/ops/jobs/dead");
  return (
    <Section
      title="Background work that was given up"
      description="Every attempt at it failed. When the cause is gone, let it be tried again."
    >
      <Paged
        list={list}
        what="the work that was given up"
        empty={
          <EmptyState
            icon={<CircleCheck aria-hidden />}
            title="Nothing was given up"
            className="rounded-2xl border bg-surface py-10!"
          >
            Work that fails is tried again by itself; only what fails every time stays here.
          </EmptyState>
        }
      >
        {(jobs) => (
          <Rows label="Background work that was given up">
            {jobs.map((job) => (
              <DeadJobRow key={job.id} job={job} />
            ))}
          </Rows>
        )}
      </Paged>
    </Section>
  );
}

function DeadJobRow({ job }: { job: DeadJob }) {
  const replay = async () => {
    try {
      await api.post(`/ops/jobs/${job.id}/replay`);
      await queryClient.invalidateQueries({ queryKey: deadKey });
      toast.success("It is tried again.");
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <Row
      lead={<TriangleAlert aria-hidden />}
      title={<span className="font-mono text-xs">{job.type}</span>}
      detail={
        <>
          <span className="block text-ink">{job.errorMessage ?? "No reason was kept."}</span>
          <span className="block">
            {plural(job.attempts, "attempt")} · given up {ago(job.diedAt)}
          </span>
        </>
      }
      actions={
        <Button
          icon={<RotateCw aria-hidden />}
          onClick={() => void replay()}
          aria-label={`Try ${job.type} again`}
        >
          Try again
        </Button>
      }
    />
  );
}
