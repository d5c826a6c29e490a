import type { Access } from "@/api";

interface Grade {
  id: Access;
  label: string;
  about: string;
}

const view: Grade = { id: "view", label: "may see", about: "They see it and open what is in it." };

/** From the least to the most; each holds those before it. */
export const accesses: Grade[] = [
  view,
  { id: "use", label: "may use", about: "They also ask it questions and search it." },
  { id: "edit", label: "may change", about: "They also add, change and delete what is in it." },
  { id: "manage", label: "may manage", about: "They also change its settings and share it with others." },
];

export const accessOf = (id: string): Grade => accesses.find((one) => one.id === id) ?? view;

/** Whether the access one has is enough for what is wanted. */
export const allows = (has: string, wanted: Access): boolean => {
  const order = accesses.map((one) => one.id as string);
  return order.indexOf(has) >= order.indexOf(wanted);
};
