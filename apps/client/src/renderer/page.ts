// Builds the page: the connection is started first, and the interface only comes when it is needed, so that between page load and
// the first picture nothing waits for anything else. From `main.ts`; next: `client.ts`, which builds the parts.

import { followAppearance } from "./appearance.ts";
import { afterComposition } from "./video/composition.ts";
import { Client } from "./client.ts";
import type { HeadStart } from "./head-start.ts";
import type { PageOptions } from "./page-options.ts";
import { Preferences } from "./preferences.ts";

const INTERFACE_AFTER_MS = 300;

export async function buildPage(options: PageOptions, headStart: HeadStart): Promise<void> {
  const preferences = new Preferences(window.eglantine);
  followAppearance(preferences, document.documentElement);
  const client = new Client({
    root: document.documentElement,
    stage: element("stage", HTMLElement),
    surface: element("surface", HTMLElement),
    video: element("desktop", HTMLVideoElement),
    canvas: element("socket-picture", HTMLCanvasElement),
    last: element("last", HTMLCanvasElement),
    rfb: element("rfb", HTMLDivElement),
    preferences,
    options,
    headStart,
  });
  client.start();
  window.addEventListener("pagehide", () => client.close());
  // A page that comes back from the browser's cache has closed everything.
  window.addEventListener("pageshow", ({ persisted }) => persisted && location.reload());

  await untilInterfaceIsNeeded(client);
  const { mount } = await import("./ui/mount.tsx");
  await preferences.load();
  await mount(element("ui", HTMLDivElement), client);
}

function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.querySelector(`#${id}`);
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`);
  return found;
}

/**
 * While a first connection is under way, the answer and the first picture come before the interface: it takes as long to
 * evaluate as all the rest. It is needed once there is something to enter, to read or to wait for.
 */
function untilInterfaceIsNeeded(client: Client): Promise<void> {
  return new Promise((resolve) => {
    const { state } = client.connection;
    const needed = (): void => {
      if (state.get().phase === "connecting") return;
      unwatch();
      // What is to be seen now comes before what it takes to evaluate the interface.
      afterComposition(resolve);
    };
    const unwatch = state.watch(needed);
    setTimeout(resolve, INTERFACE_AFTER_MS);
    needed();
  });
}
