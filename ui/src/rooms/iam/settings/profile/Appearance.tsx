import { Monitor, Moon, Sun } from "lucide-react";
import { chooseTheme } from "@/app/profile";
import { type ThemeChoice, useTheme } from "@/app/theme";
import { Card } from "@/kit";

const themes: { value: ThemeChoice; label: string; Icon: typeof Sun }[] = [
  { value: "system", label: "As the system", Icon: Monitor },
  { value: "light", label: "Light", Icon: Sun },
  { value: "dark", label: "Dark", Icon: Moon },
];

export function Appearance() {
  const { choice } = useTheme();
  return (
    <section aria-labelledby="appearance">
      <h2 id="appearance" className="mb-3 font-serif text-lg font-semibold">
        Appearance
      </h2>
      <Card>
        <fieldset className="grid max-w-lg gap-3 sm:grid-cols-3">
          <legend className="mb-2 text-sm font-medium">Theme</legend>
          {themes.map(({ value, label, Icon }) => (
            <label
              key={value}
              className="flex cursor-pointer items-center gap-2.5 rounded-xl border px-3.5 py-3 text-sm text-soft hover:border-line-strong has-checked:border-accent has-checked:bg-accent-wash has-checked:font-medium has-checked:text-accent has-focus-visible:outline-2 has-focus-visible:outline-accent"
            >
              <input
                type="radio"
                name="theme"
                className="sr-only"
                checked={choice === value}
                onChange={() => chooseTheme(value)}
              />
              <Icon className="size-4.5 shrink-0" aria-hidden />
              {label}
            </label>
          ))}
        </fieldset>
      </Card>
    </section>
  );
}
