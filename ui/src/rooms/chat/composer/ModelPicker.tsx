import { useQuery } from "@tanstack/react-query";
import { Cpu } from "lucide-react";
import { Badge, buttonLook, cx, Menu, MenuCheck, MenuLabel } from "@/kit";
import { chatModelsQuery } from "../data";

interface ModelPickerProps {
  /** Empty for the default model. */
  chosen: string;
  onChange: (id: string) => void;
}

/** Which model writes the answer; shown when there is a choice. */
export function ModelPicker({ chosen, onChange }: ModelPickerProps) {
  const models = useQuery(chatModelsQuery).data ?? [];
  if (models.length < 2) return null;
  const current = models.find((one) => one.id === chosen) ?? models.find((one) => one.isDefault);
  const name = current ? current.displayName || current.name : "Default model";
  return (
    <Menu
      side="top"
      align="start"
      className="w-72"
      trigger={
        <button
          type="button"
          aria-label={`Model: ${name}`}
          className={cx(buttonLook("quiet", "sm"), "min-w-0! shrink!")}
        >
          <Cpu aria-hidden />
          <span className="max-w-28 truncate sm:max-w-48">{name}</span>
        </button>
      }
    >
      <MenuLabel>Model for this chat</MenuLabel>
      {models.map((model) => (
        <MenuCheck
          key={model.id}
          checked={model.id === current?.id}
          onChange={() => onChange(model.isDefault ? "" : model.id)}
        >
          <span className="min-w-0 flex-1">
            <span className="block truncate">{model.displayName || model.name}</span>
            <span className="mt-0.5 flex flex-wrap gap-1">
              {model.isDefault && <Badge tone="accent">default</Badge>}
              {model.contextSize !== null && <Badge>{Math.round(model.contextSize / 1000)}k context</Badge>}
              {model.capabilities
                .filter((one) => one !== "streaming")
                .slice(0, 3)
                .map((one) => (
                  <Badge key={one}>{one}</Badge>
                ))}
            </span>
          </span>
        </MenuCheck>
      ))}
    </Menu>
  );
}
