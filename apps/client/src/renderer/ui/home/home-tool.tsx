// The way back to the application's home, as a tool of the toolbar. Part of `../toolbar.tsx`, in the desktop application alone.

import type { Client } from "../../client.ts";
import { Tool } from "../tool.tsx";
import { useText } from "../use-text.ts";

export function HomeTool({ client }: { readonly client: Client }) {
  const t = useText("home");
  return (
    <Tool testId="go-home" label={t("to-home")} onClick={() => void client.goHome()}>
      <path d="M2.5 7.5L8 3l5.5 4.5M4 7v6h3V9.5h2V13h3V7" />
    </Tool>
  );
}
