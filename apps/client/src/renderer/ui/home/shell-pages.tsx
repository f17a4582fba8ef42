// The pages that only the desktop application has, where there is no connection: its home, the way to a saved desktop, and the question for its password. From
// `app.tsx`.

import type { Bridge } from "../../../shared/bridge.ts";
import type { Client } from "../../client.ts";
import type { Failure } from "../../connection/failure.ts";
import type { SavedDesktopPage } from "../../saved-desktop.ts";
import { useStore } from "../use-store.ts";
import { Home } from "./home.tsx";
import { OpeningPage } from "./opening-page.tsx";
import { PasswordPage } from "./password-page.tsx";

interface ShellPagesProps {
  readonly bridge: Bridge;
  readonly client: Client;
  readonly failure: Failure | undefined;
}

export function ShellPages({ bridge, client, failure }: ShellPagesProps) {
  const { saved } = client;
  if (saved === undefined) return <Home bridge={bridge} client={client} />;
  return <SavedPages bridge={bridge} client={client} failure={failure} saved={saved} />;
}

function SavedPages({ bridge, client, failure, saved }: ShellPagesProps & { readonly saved: SavedDesktopPage }) {
  const state = useStore(saved.state);
  if (state.phase !== "open") return <OpeningPage bridge={bridge} client={client} saved={saved} state={state} />;
  // Broken off before there was a picture.
  if (failure === undefined) return <Home bridge={bridge} client={client} />;
  return <PasswordPage bridge={bridge} client={client} saved={saved} desktop={state.desktop} failure={failure} />;
}
