// Which page is shown: follows the connection's state. The picture itself is not here; it stands in index.html.

import type { Client } from "../client.ts";
import { ConnectPage } from "./connect-page.tsx";
import { ConnectingPage } from "./connecting-page.tsx";
import { DesktopTools } from "./desktop-tools.tsx";
import { EndPage } from "./end-page.tsx";
import { Reconnecting } from "./reconnecting.tsx";
import { useStore } from "./use-store.ts";

export function App({ client }: { readonly client: Client }) {
  const state = useStore(client.connection.state);
  switch (state.phase) {
    case "idle":
      return <ConnectPage client={client} failure={state.failure} />;
    case "connecting":
      return <ConnectingPage client={client} stages={state.stages} />;
    case "connected":
      return <DesktopTools client={client} />;
    case "reconnecting":
      return <Reconnecting client={client} failure={state.failure} retryAtMs={state.retryAtMs} />;
    case "ended":
      return <EndPage client={client} failure={state.failure} stages={state.stages} />;
  }
}
