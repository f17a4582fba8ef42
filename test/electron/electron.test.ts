// The application's stories in real Electron, where its runtime is: installed, or in the folder ELECTRON_OVERRIDE_DIST_PATH. `npm test` says in one line when
// it is not (steps.mjs). Windows open on an X server of the test's own.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, test } from "vitest";
import { electronFolder } from "../../image/local/electron.mjs";
import { startXvnc, type XServer } from "../harness/processes-xvnc.ts";
import { Desk } from "./desk.ts";
import { ElectronApplication } from "./electron-application.ts";
import { NATIVE_STORIES, STORIES } from "./stories.ts";

const folder = electronFolder(fileURLToPath(new URL("../..", import.meta.url)), process.env);
let desk: Desk;
let screen: XServer;
let application: ElectronApplication;

beforeAll(async () => {
  if (folder === undefined) throw new Error("Electron's runtime is not here (ELECTRON_OVERRIDE_DIST_PATH)");
  desk = await Desk.open();
  screen = await startXvnc(1600, 1000);
});
beforeEach(() => {
  application = new ElectronApplication({ binary: join(folder ?? "", "electron"), display: screen.display });
});
afterEach(async () => {
  await application?.close();
  await desk.rest();
});
afterAll(async () => {
  await screen?.close();
  await desk?.close();
});

for (const { title, tell } of STORIES) test(title, () => tell(application, desk));
for (const { title, tell } of NATIVE_STORIES) test(title, () => tell(application, desk));
