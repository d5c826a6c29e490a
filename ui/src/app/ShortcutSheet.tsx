import { Dialog, Kbd } from "@/kit";
import { shortcuts } from "./shortcuts";

interface ShortcutSheetProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function ShortcutSheet({ open, onOpenChange }: ShortcutSheetProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keyboard shortcuts">
      {shortcuts.map(({ area, items }) => (
        <section key={area}>
          <h3 className="mb-1 text-sm font-medium text-faint">{area}</h3>
          <dl>
            {items.map(({ keys, does }) => (
              <div
                key={does}
                className="flex items-center justify-between gap-4 py-1.5 text-sm not-last:border-b"
              >
                <dt>{does}</dt>
                <dd className="flex shrink-0 gap-1">
                  {keys.map((key) => (
                    <Kbd key={key}>{key}</Kbd>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  );
}
