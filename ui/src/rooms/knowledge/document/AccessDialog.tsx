import { useQuery } from "@tanstack/react-query";
import { Mail, Trash2, Users } from "lucide-react";
import { useState } from "react";
import { api, type DocumentAccess, type DocumentPrincipal } from "@/api";
import { queryClient } from "@/app/queries";
import { useMe } from "@/app/session";
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
import { documentQuery } from "../data";

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
    // The form begins with what it is given, so it must not be given what was true when it was open last.
    gcTime: 0,
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
        <AccessForm documentId={documentId} path={path} before={data} onClose={onClose} />
      ) : (
        <SkeletonRows count={2} label="Loading who may see it" />
      )}
    </Dialog>
  );
}

interface AccessFormProps {
  documentId: string;
  path: string;
  before: DocumentAccess;
  onClose: () => void;
}

function AccessForm({ documentId, path, before, onClose }: AccessFormProps) {
  const [access, setAccess] = useState(before.access);
  const [allowed, setAllowed] = useState<DocumentPrincipal[]>(before.allowed ?? []);
  const [type, setType] = useState("email");
  const [name, setName] = useState("");
  const [touched, setTouched] = useState(false);
  const teams = useQuery(teamsQuery).data ?? [];
  const action = useAction();
  const own = useMe().user.email.toLowerCase();
  const nameOf = (one: DocumentPrincipal) =>
    one.type === "everyone"
      ? "Everyone who sees the collection"
      : one.type === "group"
        ? (teams.find((team) => team.id === one.name)?.name ?? one.name)
        : one.name;
  // What is typed counts, also when "Add" was not pressed.
  const typed = name.trim().toLowerCase();
  const isThere = allowed.some((one) => one.type === type && one.name === typed);
  const all = typed && !isThere ? [...allowed, { type, name: typed }] : allowed;
  const fault =
    type === "email" && typed && !/^\S+@\S+$/.test(typed) ? "Write one e-mail address." : undefined;
  const forgetsMe = !all.some((one) => one.type !== "email" || one.name === own);
  const add = () => {
    setAllowed(all);
    setName("");
  };
  const save = async () => {
    await api.put(path, { access, allowed: access === "restricted" ? all : [] });
    void queryClient.invalidateQueries({ queryKey: documentQuery(documentId).queryKey });
    toast.success("Saved.");
    onClose();
  };
  return (
    <Form
      action={action}
      submit="Save"
      disabled={access === "restricted" && fault !== undefined}
      onSubmit={save}
      onCancel={onClose}
    >
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
                  title={nameOf(one)}
                  actions={
                    <IconButton
                      label={`Take ${nameOf(one)} away`}
                      onClick={() => setAllowed(allowed.filter((other) => other !== one))}
                    >
                      <Trash2 />
                    </IconButton>
                  }
                />
              ))}
            </Rows>
          )}
          <div className="flex flex-wrap items-start gap-2">
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
              <Field label="E-mail address" error={touched ? fault : null} className="min-w-40 flex-1">
                <Input
                  type="email"
                  maxLength={320}
                  value={name}
                  onChange={(event) => {
                    setName(event.target.value);
                    setTouched(false);
                  }}
                  onBlur={() => setTouched(true)}
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
            <Button disabled={!typed || fault !== undefined} onClick={add} className="sm:mt-6.5">
              Add
            </Button>
          </div>
          {forgetsMe && (
            <p className="rounded-lg bg-warn-wash px-3 py-2 text-sm text-warn">
              You are not among them. Unless you brought this document yourself, you will not see it any more,
              and only somebody who does can change that.
            </p>
          )}
        </>
      )}
    </Form>
  );
}
