import { useQuery } from "@tanstack/react-query";
import { Mail, Trash2, Users } from "lucide-react";
import { useState } from "react";
import { api, type DocumentAccess, type DocumentPrincipal } from "@/api";
import {
  Button,
  Dialog,
  ErrorState,
  Field,
  Form,
  IconButton,
  Input,
  Radio,
  Row,
  Rows,
  Select,
  SkeletonRows,
  toast,
  useAction,
} from "@/kit";
import { teamsQuery } from "@/rooms/iam/team/data";

interface AccessDialogProps {
  documentId: string;
  onClose: () => void;
}

/** Who may see one document: everybody who sees the collection, or only some of them. */
export function AccessDialog({ documentId, onClose }: AccessDialogProps) {
  const path = `/knowledge/documents/${documentId}/access`;
  const { data, error, refetch } = useQuery({
    queryKey: ["document-access", documentId],
    queryFn: ({ signal }) => api.get<DocumentAccess>(path, { signal }),
    staleTime: 0,
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Who may see this document"
      description="It holds at once, in searches and answers too. Who brought the document always sees it."
    >
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : data ? (
        <AccessForm path={path} before={data} onClose={onClose} />
      ) : (
        <SkeletonRows count={2} label="Loading who may see it" />
      )}
    </Dialog>
  );
}

interface AccessFormProps {
  path: string;
  before: DocumentAccess;
  onClose: () => void;
}

function AccessForm({ path, before, onClose }: AccessFormProps) {
  const [access, setAccess] = useState(before.access);
  const [allowed, setAllowed] = useState<DocumentPrincipal[]>(before.allowed ?? []);
  const [type, setType] = useState("email");
  const [name, setName] = useState("");
  const teams = useQuery(teamsQuery).data ?? [];
  const action = useAction();
  const teamName = (id: string) => teams.find((team) => team.id === id)?.name ?? id;
  const add = () => {
    const typed = name.trim().toLowerCase();
    if (typed && !allowed.some((one) => one.type === type && one.name === typed))
      setAllowed([...allowed, { type, name: typed }]);
    setName("");
  };
  const save = async () => {
    await api.put(path, { access, allowed: access === "restricted" ? allowed : [] });
    toast.success("Saved.");
    onClose();
  };
  return (
    <Form action={action} submit="Save" onSubmit={save} onCancel={onClose}>
      <fieldset className="flex flex-col gap-3">
        <legend className="sr-only">Who may see it</legend>
        <Radio
          name="access"
          label="Whoever sees the collection"
          checked={access === "collection"}
          onChange={() => setAccess("collection")}
        />
        <Radio
          name="access"
          label="Only some of them"
          hint="Nobody else, whatever their role. The document is not counted, listed or found for others."
          checked={access === "restricted"}
          onChange={() => setAccess("restricted")}
        />
      </fieldset>
      {access === "restricted" && (
        <>
          {allowed.length > 0 && (
            <Rows label="Who may see it">
              {allowed.map((one) => (
                <Row
                  key={`${one.type}:${one.name}`}
                  lead={one.type === "email" ? <Mail aria-hidden /> : <Users aria-hidden />}
                  title={
                    one.type === "everyone"
                      ? "Everyone who sees the collection"
                      : one.type === "group"
                        ? teamName(one.name)
                        : one.name
                  }
                  actions={
                    <IconButton
                      label={`Take ${one.name} away`}
                      onClick={() => setAllowed(allowed.filter((other) => other !== one))}
                    >
                      <Trash2 />
                    </IconButton>
                  }
                />
              ))}
            </Rows>
          )}
          <div className="flex flex-wrap items-end gap-2">
            <Field label="Add" className="w-32">
              <Select
                value={type}
                onChange={(event) => {
                  setType(event.target.value);
                  setName("");
                }}
              >
                <option value="email">A person</option>
                <option value="group">A team</option>
              </Select>
            </Field>
            {type === "email" ? (
              <Field label="E-mail address" className="min-w-40 flex-1">
                <Input
                  type="email"
                  maxLength={320}
                  value={name}
                  onChange={(event) => setName(event.target.value)}
                />
              </Field>
            ) : (
              <Field label="Team" className="min-w-40 flex-1">
                <Select value={name} onChange={(event) => setName(event.target.value)}>
                  <option value="">Choose…</option>
                  {teams.map((team) => (
                    <option key={team.id} value={team.id}>
                      {team.name}
                    </option>
                  ))}
                </Select>
              </Field>
            )}
            <Button disabled={!name.trim()} onClick={add}>
              Add
            </Button>
          </div>
        </>
      )}
    </Form>
  );
}
