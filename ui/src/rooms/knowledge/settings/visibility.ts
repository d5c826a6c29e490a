import { Building2, Lock, type LucideIcon, Users } from "lucide-react";

interface Visibility {
  value: string;
  label: string;
  hint: string;
  Icon: LucideIcon;
}

const team: Visibility = {
  value: "team",
  label: "Your team",
  hint: "People of your team can ask it and open its documents.",
  Icon: Users,
};

/** Who can see a collection, in words. */
export const visibilities: Visibility[] = [
  { value: "private", label: "Only you", hint: "Nobody else can ask it or see it.", Icon: Lock },
  team,
  {
    value: "company",
    label: "Everybody",
    hint: "Everybody of your organisation can ask it and open its documents.",
    Icon: Building2,
  },
];

export function visibilityOf(value: string): Visibility {
  return visibilities.find((one) => one.value === value) ?? team;
}
