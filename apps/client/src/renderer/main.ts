// Where the page begins, small, so that it runs while the rest is still on its way: begins what takes the browser long, then
// fetches `page.ts`, which builds the page.

import { ownAddress } from "./connection/agent-url.ts";
import { HeadStart } from "./head-start.ts";
import { readPageOptions } from "./page-options.ts";

const headStart = new HeadStart();
const options = readPageOptions(location.search);
const own = window.eglantine === undefined ? ownAddress(location.href) : undefined;
if (own !== undefined && options.url === undefined) headStart.begin(own.socketUrl);

try {
  const { buildPage } = await import("./page.ts");
  await buildPage(options, headStart);
  window.eglantineParts.whole();
} catch (error) {
  window.eglantineParts.missing(error);
}
