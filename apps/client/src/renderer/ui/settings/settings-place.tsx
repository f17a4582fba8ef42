// The settings as a place of the home. From `home/places.ts`; next: `settings-list.tsx`.

import type { PlaceProps } from "../home/places.ts";
import { useText } from "../use-text.ts";
import { SettingsList } from "./settings-list.tsx";

export function SettingsPlace({ client }: PlaceProps) {
  const t = useText("settings");
  return (
    <>
      <h1>{t("title")}</h1>
      <SettingsList client={client} />
    </>
  );
}
