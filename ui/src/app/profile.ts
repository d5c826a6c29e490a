import { api, type Me } from "@/api";
import { toastError } from "@/kit";
import { queryClient } from "./queries";
import { meChanged, meQuery, startAnew } from "./session";
import { setTheme, type ThemeChoice } from "./theme";

const themes: ThemeChoice[] = ["system", "light", "dark"];

/** Sets the theme here at once, and with the account, so that the person's other devices follow. */
export function chooseTheme(theme: ThemeChoice): void {
  setTheme(theme);
  api.patch<Me>("/iam/me", { preferences: { theme } }).then(meChanged, toastError);
}

/** Once per visit: the theme chosen on another device. */
export function followTheme(): void {
  const theme = queryClient.getQueryData(meQuery.queryKey)?.user.preferences.theme;
  const known = themes.find((one) => one === theme);
  if (known) setTheme(known);
}

/** Another team to work in. The page begins anew: what is on it may not exist there. */
export async function switchTeam(teamId: string): Promise<void> {
  try {
    await api.put<Me>("/iam/me/team", { teamId });
    startAnew("/chat");
  } catch (error) {
    toastError(error);
  }
}
