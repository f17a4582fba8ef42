// Where the page begins. The connection is started first and the interface is fetched meanwhile: between page load and the
// first picture nothing waits for anything it does not need. Next: `client.ts`, which builds the parts.

import { Client } from "./client.ts";
import { readPageOptions } from "./page-options.ts";
import { Preferences } from "./preferences.ts";

function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.querySelector(`#${id}`);
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`);
  return found;
}

const preferences = new Preferences(window.eglantine);
const client = new Client({
  root: document.documentElement,
  stage: element("stage", HTMLElement),
  video: element("desktop", HTMLVideoElement),
  last: element("last", HTMLCanvasElement),
  preferences,
  options: readPageOptions(location.search),
});
client.start();
window.addEventListener("pagehide", () => client.close());
// A page that comes back from the browser's cache has closed everything.
window.addEventListener("pageshow", ({ persisted }) => persisted && location.reload());

const { mount } = await import("./ui/mount.tsx");
await preferences.load();
mount(element("ui", HTMLDivElement), client);
