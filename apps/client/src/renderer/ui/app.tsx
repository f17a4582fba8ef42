// Which page is shown: follows the connection's state. The picture itself is not here; it stands in index.html.

import { lazy } from "react";
import type { Client } from "../client.ts";
import { ConnectPage } from "./connect-page.tsx";
import { ConnectingPage } from "./connecting-page.tsx";
import { CrashedPage } from "./crashed-page.tsx";
import { DesktopTools } from "./desktop-tools.tsx";
import { EndPage } from "./end-page.tsx";
import { Reconnecting } from "./reconnecting.tsx";
import { useStore } from "./use-store.ts";

/** What only the desktop application has. */
const ShellPages = lazy(async () => ({ default: (await import("./home/shell-pages.tsx")).ShellPages }));
const DistrustPage = lazy(async () => ({ default: (await import("./trust/distrust-page.tsx")).DistrustPage }));

export function App({ client }: { readonly client: Client }) {
  const state = useStore(client.connection.state);
  const crashed = useStore(client.crashed);
  if (crashed) return <CrashedPage client={client} />;
  switch (state.phase) {
    case "idle":
      if (client.shell !== undefined && client.wantedUrl === undefined)
        return <ShellPages bridge={client.shell} client={client} failure={state.failure} />;
      return <ConnectPage client={client} failure={state.failure} />;
    case "connecting":
      return <ConnectingPage client={client} stages={state.stages} />;
    case "connected":
      return <DesktopTools client={client} />;
    case "reconnecting":
      return <Reconnecting client={client} failure={state.failure} retryAtMs={state.retryAtMs} />;
    case "ended":
      if ("distrust" in state) return <DistrustPage client={client} distrust={state.distrust} />;
      return <EndPage client={client} failure={state.failure} stages={state.stages} />;
  }
}
