// The application's stories in Chromium, with the real shell behind the page: that they are true, as far as they can be without Electron.

import { afterAll, afterEach, beforeAll, test } from "vitest";
import { ChannelApplication } from "./channel-application.ts";
import { Desk } from "./desk.ts";
import { STORIES } from "./stories.ts";

let desk: Desk;
let application: ChannelApplication;

beforeAll(async () => {
  desk = await Desk.open();
  application = await ChannelApplication.create();
});
afterEach(async () => {
  await application.forget();
  await desk.rest();
});
afterAll(async () => {
  await application?.close();
  await desk?.close();
});

for (const { title, tell } of STORIES) test(title, () => tell(application, desk));
