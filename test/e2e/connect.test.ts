// Story: I open the desktop's address, and only who may come in comes in.

import { REASONS } from "@eglantine/protocol/reasons";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DesktopPage } from "../harness/desktop-page.ts";
import { type KnockOptions, verdict } from "../harness/knock.ts";
import { Desktop } from "./desktop.ts";

const PASSWORD = "Zwölf+Äpfel & 'mehr'";
const LOCKED = { ENABLE_BASIC_AUTH: "true", BASIC_AUTH_USER: "ada", BASIC_AUTH_PASSWORD: PASSWORD };
let desktop: Desktop;

beforeAll(async () => {
  desktop = await Desktop.open({ env: LOCKED });
});
afterAll(() => desktop?.close());

const knocked = (options: KnockOptions) => verdict(desktop.url, options);

test("a wrong password is answered with a sentence and a remedy, and shows no picture", async () => {
  const viewer = await DesktopPage.open(desktop.browser, desktop.url);
  await viewer.submit({ user: "ada", password: "wrong" });
  await viewer.page.getByText(REASONS["auth-failed"].sentence).first().waitFor();
  expect(await viewer.page.getByText(REASONS["auth-failed"].remedy).count()).toBeGreaterThan(0);
  expect(await viewer.framesPresented()).toBe(0);
  await viewer.close();
});

test("the right password shows the picture, and the password is kept nowhere in the browser", async () => {
  const viewer = await desktop.connect({ user: "ada", password: PASSWORD });
  expect(await viewer.pictureSize()).toEqual(await desktop.screen.size());
  const kept = await viewer.page.evaluate(() =>
    [...Object.entries(localStorage), ...Object.entries(sessionStorage), location.href].join(),
  );
  expect(kept).not.toContain("pfel");
  expect(kept).not.toContain(encodeURIComponent(PASSWORD));
  await viewer.close();
});

test("after a wrong password the right one still connects in the same page", async () => {
  const viewer = await DesktopPage.open(desktop.browser, desktop.url);
  await viewer.submit({ user: "ada", password: "wrong" });
  await viewer.page.getByText(REASONS["auth-failed"].sentence).first().waitFor();
  await viewer.retry();
  await viewer.submit({ user: "ada", password: PASSWORD });
  await viewer.waitForPicture();
  await viewer.close();
});

test("a page of a foreign origin is refused before it can try a password", async () => {
  expect(await knocked({ origin: "https://evil.example", user: "ada", password: PASSWORD })).toBe("bye origin-refused");
  expect(await knocked({ origin: new URL(desktop.url).origin, user: "ada", password: PASSWORD })).toBe("hello");
});

test("neither the log nor the end page contains a password", () => {
  expect(desktop.agent.log()).not.toContain("pfel");
});

test("many wrong passwords lock the address out, even for the right one", async () => {
  const answers: string[] = [];
  for (let attempt = 0; attempt < 40 && answers.at(-1) !== "bye auth-locked"; attempt++) {
    answers.push(await knocked({ user: "ada", password: `wrong ${attempt}` }));
  }
  expect(answers.at(-1)).toBe("bye auth-locked");
  expect(await knocked({ user: "ada", password: PASSWORD })).toBe("bye auth-locked");
  const viewer = await DesktopPage.open(desktop.browser, desktop.url);
  await viewer.submit({ user: "ada", password: PASSWORD });
  await viewer.page.getByText(REASONS["auth-locked"].sentence).first().waitFor();
  await viewer.close();
});
