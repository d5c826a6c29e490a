import { UsersRound } from "lucide-react";
import { type Member, usePages } from "@/api";
import { useMay } from "@/app/session";
import { EmptyState, Paged, Rows, SearchBox, Select } from "@/kit";
import { membersKey } from "../data";
import { MemberRow } from "./MemberRow";

interface MembersProps {
  q: string;
  status: string;
  onFilter: (filter: { q: string; status: string }) => void;
}

export function Members({ q, status, onFilter }: MembersProps) {
  const mayManage = useMay("iam.members.manage");
  const mayExport = useMay("iam.members.export");
  const list = usePages<Member>(membersKey, "/iam/members", { query: { q, status }, keepRows: true });
  return (
    <>
      <div className="mb-4 flex flex-wrap gap-2">
        <SearchBox
          label="Find a member"
          placeholder="Name or email"
          value={q}
          onSearch={(next) => onFilter({ q: next, status })}
        />
        <Select
          aria-label="Status"
          className="w-40"
          value={status}
          onChange={(event) => onFilter({ q, status: event.target.value })}
        >
          <option value="">Everybody</option>
          <option value="active">Active</option>
          <option value="inactive">Inactive</option>
          <option value="suspended">Suspended</option>
        </Select>
      </div>
      <Paged
        list={list}
        what="the members"
        empty={
          <EmptyState icon={<UsersRound aria-hidden />} title="Nobody found">
            Nobody here has such a name, address or status.
          </EmptyState>
        }
      >
        {(members) => (
          <Rows label="Members">
            {members.map((member) => (
              <MemberRow key={member.userId} member={member} mayManage={mayManage} mayExport={mayExport} />
            ))}
          </Rows>
        )}
      </Paged>
    </>
  );
}
