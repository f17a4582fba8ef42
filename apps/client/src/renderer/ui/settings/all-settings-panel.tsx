// All settings over a desktop: from the panel of picture and sound, in the application and in a browser alike. Next: `settings-list.tsx`.

import type { Client } from "../../client.ts";
import { Panel } from "../panel.tsx";
import { useText } from "../use-text.ts";
import { SettingsList } from "./settings-list.tsx";

export function AllSettingsPanel({ client }: { readonly client: Client }) {
  const t = useText("settings");
  return (
    <Panel client={client} title={t("title")} testId="all-settings-panel" focus="select">
      <SettingsList client={client} />
    </Panel>
  );
}
