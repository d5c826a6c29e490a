import type { ShareAccess } from "@/api";

interface Access {
  id: ShareAccess;
  label: string;
  about: string;
}

const view: Access = { id: "view", label: "may see", about: "They see it and open what is in it." };

/** From the least to the most; each holds those before it. */
export const accesses: Access[] = [
  view,
  { id: "use", label: "may use", about: "They also ask it questions and search it." },
  { id: "edit", label: "may change", about: "They also add, change and delete what is in it." },
  { id: "manage", label: "may manage", about: "They also change its settings and share it with others." },
];

export const accessOf = (id: string): Access => accesses.find((one) => one.id === id) ?? view;
