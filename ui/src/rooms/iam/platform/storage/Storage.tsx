import { useQuery } from "@tanstack/react-query";
import { MoveRight, ScanSearch } from "lucide-react";
import { api, type ObjectFault, type StoragePlaces } from "@/api";
import { queryClient } from "@/app/queries";
import {
  Alert,
  Button,
  bytes,
  Card,
  Cell,
  count,
  ErrorState,
  HeadCell,
  Progress,
  Section,
  SkeletonRows,
  Table,
  TableHead,
  TableRow,
  toastError,
  useAction,
  when,
} from "@/kit";
import { checkSentence, faults, moveSentence, placeName, shareOf, stateName } from "./words";

const key = ["platform-storage"];
const runs = ({ move, check }: StoragePlaces) => move?.status === "running" || check?.status === "running";

/** Where the installation's files lie, moving them to where new ones go, and what does not match. */
export function StorageTab() {
  const { data, error, refetch } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.get<StoragePlaces>("/platform/storage", { signal }),
    refetchInterval: ({ state }) => (state.data && runs(state.data) ? 1500 : false),
  });
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <SkeletonRows count={4} label="Looking where files lie" />;
  return (
    <div className="space-y-10">
      <Places storage={data} />
      <Move storage={data} />
      <Check storage={data} />
    </div>
  );
}

function Places({ storage }: { storage: StoragePlaces }) {
  return (
    <Section
      title="Where files lie"
      description={`New files go to: ${placeName(storage.backend, storage.bucket)}. The operator sets this with LYCEUM_OBJECT_BACKEND.`}
    >
      {storage.places.length === 0 ? (
        <Card>There are no files yet.</Card>
      ) : (
        <Table label="Where files lie">
          <TableHead>
            <tr>
              <HeadCell>Place</HeadCell>
              <HeadCell>State</HeadCell>
              <HeadCell className="text-right">Files</HeadCell>
              <HeadCell className="text-right">Size</HeadCell>
            </tr>
          </TableHead>
          <tbody>
            {storage.places.map((place) => (
              <TableRow key={`${place.backend} ${place.bucket} ${place.status}`}>
                <Cell>{placeName(place.backend, place.bucket)}</Cell>
                <Cell>{stateName(place.status)}</Cell>
                <Cell className="text-right whitespace-nowrap tabular-nums">{count(place.objects)}</Cell>
                <Cell className="text-right whitespace-nowrap tabular-nums">{bytes(place.bytes)}</Cell>
              </TableRow>
            ))}
          </tbody>
        </Table>
      )}
    </Section>
  );
}

function Move({ storage }: { storage: StoragePlaces }) {
  const { move, objectsElsewhere } = storage;
  const running = move?.status === "running";
  return (
    <Section
      title="Moving"
      description={moveSentence(storage)}
      actions={
        (objectsElsewhere > 0 || running) && (
          <Begin what="move" running={running} icon={<MoveRight aria-hidden />} label="Move them" />
        )
      }
    >
      {running && <Progress value={shareOf(move)} label="Moving files" />}
      {move?.status === "failed" && <Faults faults={move.faults} />}
    </Section>
  );
}

function Check({ storage: { check } }: { storage: StoragePlaces }) {
  const running = check?.status === "running";
  return (
    <Section
      title="What does not match"
      description={
        <>
          {checkSentence(check)}{" "}
          {check?.endedAt && <span className="text-faint">Compared {when(check.endedAt)}.</span>}
        </>
      }
      actions={<Begin what="check" running={running} icon={<ScanSearch aria-hidden />} label="Compare now" />}
    >
      {running && <Progress value={shareOf(check)} label="Comparing files" />}
      {check && !running && <Faults faults={check.faults} />}
    </Section>
  );
}

interface BeginProps {
  what: "move" | "check";
  running: boolean;
  icon: React.ReactNode;
  label: string;
}

function Begin({ what, running, icon, label }: BeginProps) {
  const action = useAction();
  const begin = () =>
    action.run(async () => {
      try {
        queryClient.setQueryData(key, await api.post<StoragePlaces>(`/platform/storage/${what}`));
      } catch (error) {
        toastError(error);
      }
    });
  return (
    <Button icon={icon} busy={action.busy} disabled={running} onClick={() => void begin()}>
      {running ? "Under way" : label}
    </Button>
  );
}

function Faults({ faults: found }: { faults: ObjectFault[] }) {
  if (found.length === 0) return null;
  return (
    <>
      {found.length >= 100 && <Alert className="mb-3">Only the first hundred are listed.</Alert>}
      <Table label="What does not match">
        <TableHead>
          <tr>
            <HeadCell>What</HeadCell>
            <HeadCell>Place</HeadCell>
            <HeadCell>Organisation</HeadCell>
            <HeadCell>File</HeadCell>
            <HeadCell className="text-right">Size</HeadCell>
          </tr>
        </TableHead>
        <tbody>
          {found.map((fault) => (
            <TableRow key={`${fault.kind} ${fault.objectId} ${fault.backend}`}>
              <Cell>{faults[fault.kind] ?? fault.kind}</Cell>
              <Cell>{placeName(fault.backend, "")}</Cell>
              <Cell className="font-mono text-xs">{fault.tenantId}</Cell>
              <Cell className="font-mono text-xs">{fault.objectId}</Cell>
              <Cell className="text-right whitespace-nowrap tabular-nums">{bytes(fault.bytes)}</Cell>
            </TableRow>
          ))}
        </tbody>
      </Table>
    </>
  );
}
