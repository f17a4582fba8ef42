// Where the page begins. The connection is started first, and the interface only comes when it is needed: between page load
// and the first picture nothing waits for anything else. Next: `client.ts`, which builds the parts.

import { Client } from "./client.ts";
import { readPageOptions } from "./page-options.ts";
import { Preferences } from "./preferences.ts";

const INTERFACE_AFTER_MS = 300;

function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.querySelector(`#${id}`);
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`);
  return found;
}

const preferences = new Preferences(window.eglantine);
const client = new Client({
  root: document.documentElement,
  stage: element("stage", HTMLElement),
  surface: element("surface", HTMLElement),
  video: element("desktop", HTMLVideoElement),
  canvas: element("socket-picture", HTMLCanvasElement),
  last: element("last", HTMLCanvasElement),
  rfb: element("rfb", HTMLDivElement),
  preferences,
  options: readPageOptions(location.search),
});
client.start();
window.addEventListener("pagehide", () => client.close());
// A page that comes back from the browser's cache has closed everything.
window.addEventListener("pageshow", ({ persisted }) => persisted && location.reload());

await untilInterfaceIsNeeded();
const { mount } = await import("./ui/mount.tsx");
await preferences.load();
mount(element("ui", HTMLDivElement), client);

/**
 * While a first connection is under way, the answer and the first picture come before the interface: it takes as long to
 * evaluate as all the rest. It is needed once there is something to enter, to read or to wait for.
 */
function untilInterfaceIsNeeded(): Promise<void> {
  return new Promise((resolve) => {
    const { state } = client.connection;
    const needed = (): void => {
      if (state.get().phase === "connecting") return;
      unwatch();
      resolve();
    };
    const unwatch = state.watch(needed);
    setTimeout(resolve, INTERFACE_AFTER_MS);
    needed();
  });
}
