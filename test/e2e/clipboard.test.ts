// Story: what I copy on one side I paste on the other: text, formatted text and pictures, of any size, always the newest.

import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import {
  CLIPBOARD_PERMISSIONS,
  copyHere,
  DesktopClipboard,
  keepClipboard,
  pastedHere,
  pngOf,
  sha256,
  writtenHere,
} from "../harness/clipboard.ts";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { Terminal } from "../harness/terminal.ts";
import { until } from "../harness/until.ts";
import { Desktop } from "./desktop.ts";

const MB = 1e6;
const SIZES = [1, 64 * 1024, 20 * MB];
/** 20 MB through clipboards, encoders and checksums on a machine that is busy. */
const LARGE_MS = 120_000;
let desktop: Desktop;
let viewer: DesktopPage;
let there: DesktopClipboard;
/** Addresses of bulk bytes that the page asked for. */
let transfers: string[];

beforeAll(async () => {
  desktop = await Desktop.open();
  desktop.repeatKeysAfter(10_000);
  there = new DesktopClipboard(desktop.display);
  viewer = await desktop.connect({ beforeClient: keepClipboard });
  await viewer.page.context().grantPermissions(CLIPBOARD_PERMISSIONS);
  viewer.page.on("request", (request) => {
    const path = new URL(request.url()).pathname;
    if (path.startsWith("/transfer/")) transfers.push(`${request.method()} ${path}`);
  });
});
afterAll(() => desktop?.close());
afterEach(() => there.close());

/** Letters and a few that are longer in UTF-8. */
const textOf = (bytes: number): string => (bytes === 1 ? "x" : "Grüße, мир €\n".repeat(bytes / 19));
const until20 = (what: string, holds: () => boolean | Promise<boolean>) =>
  until(what, holds, { limitMs: LARGE_MS - 5000 });

async function pasteKey(page: Page): Promise<void> {
  transfers = [];
  await page.keyboard.press("Control+v");
}

test.each(SIZES)(
  "text of %d bytes goes in as it is",
  async (size) => {
    const text = textOf(size);
    await copyHere(viewer.page, { text });
    await pasteKey(viewer.page);
    await until("the offer", async () => (await there.targets()).includes("UTF8_STRING"));
    await until20("the text", () => there.has(text));
    if (size === 1) expect(transfers).toEqual([]);
  },
  LARGE_MS,
);

test.each(SIZES)(
  "formatted text of %d bytes goes in as the browser gives it",
  async (size) => {
    const html = size === 1 ? "x" : `<b>${textOf(size)}</b>`;
    await copyHere(viewer.page, { text: `plain ${size}`, html });
    await pasteKey(viewer.page);
    await until("the plain text", () => there.has(`plain ${size}`));
    const given = await pastedHere(viewer.page);
    expect(given.htmlBytes).toBeGreaterThanOrEqual(size);
    expect(sha256(await there.paste("text/html"))).toBe(given.htmlHash);
  },
  LARGE_MS,
);

test.each(SIZES)(
  "a picture of %d bytes goes in, byte by byte as the browser gives it",
  async (size) => {
    await copyHere(viewer.page, { png: pngOf(size).toString("base64") });
    await pasteKey(viewer.page);
    await until("the offer", async () => (await there.targets()).includes("image/png"));
    const given = await pastedHere(viewer.page);
    expect(given.pngBytes).toBeGreaterThan(0.99 * size);
    const pasted = await there.paste("image/png");
    expect(pasted.length).toBe(given.pngBytes);
    expect(sha256(pasted)).toBe(given.pngHash);
    await until("its transfer", () => transfers.some((one) => one.startsWith("PUT /transfer/clipboard/in/")));
  },
  LARGE_MS,
);

test.each(SIZES)(
  "text of %d bytes comes out as it is",
  async (size) => {
    const text = textOf(size);
    await there.copy(text);
    await until20("the text here", async () => (await writtenHere(viewer.page)).text === sha256(Buffer.from(text)));
    expect(await viewer.page.evaluate(async () => (await navigator.clipboard.readText()).length)).toBe(text.length);
  },
  LARGE_MS,
);

test.each(SIZES)(
  "formatted text of %d bytes comes out as it is",
  async (size) => {
    const html = size === 1 ? "x" : `<i>${textOf(size)}</i>`;
    await there.copy(html, "text/html");
    await until20("the text here", async () => (await writtenHere(viewer.page)).html === sha256(Buffer.from(html)));
  },
  LARGE_MS,
);

test.each(SIZES)(
  "a picture of %d bytes comes out, byte by byte",
  async (size) => {
    const png = pngOf(size);
    await there.copy(png, "image/png");
    await until20("the picture here", async () => (await writtenHere(viewer.page)).png === sha256(png));
    const width = await viewer.page.evaluate(async () => {
      const [item] = await navigator.clipboard.read();
      const picture = await item?.getType("image/png");
      return picture === undefined ? 0 : (await createImageBitmap(picture)).width;
    });
    expect(width).toBe(png.readUInt32BE(16));
  },
  LARGE_MS,
);

test("nothing moves before a program pastes, and then once", async () => {
  const window = await desktop.screen.openWindow(0, 0, 1000, 700, [60, 60, 60]);
  try {
    await copyHere(viewer.page, { png: pngOf(MB).toString("base64") });
    await pasteKey(viewer.page);
    await until("the key", () => window.keyEvents.length >= 4);
    expect(await there.targets()).toContain("image/png");
    expect(transfers).toEqual([]);
    const first = await there.paste("image/png");
    await until("its transfer", () => transfers.length === 1);
    expect(sha256(await there.paste("image/png"))).toBe(sha256(first));
    expect(transfers).toHaveLength(1);
  } finally {
    await window.close();
  }
});

test("what I copied on the desktop and paste there again stays the desktop's own", async () => {
  const png = pngOf(200_000);
  await there.copy(png, "image/png");
  await until("the picture here", async () => (await writtenHere(viewer.page)).png === sha256(png));
  const window = await desktop.screen.openWindow(0, 0, 1000, 700, [60, 60, 60]);
  try {
    await pasteKey(viewer.page);
    await until("the key", () => window.keyEvents.length >= 4);
    // The browser has coded it anew; the program that copied it still gives its own.
    expect(sha256(await there.paste("image/png"))).toBe(sha256(png));
    expect(transfers).toEqual([]);
  } finally {
    await window.close();
  }
});

test.each([
  ["Ctrl+V", "Control+v", "Ctrl<Key>v"],
  ["Shift+Insert", "Shift+Insert", "Shift<Key>Insert"],
])("%s pastes what is new here, fifty times over", async (_name, keys, translation) => {
  const terminal = await Terminal.start({ display: desktop.display, mode: "bytes", pasteKey: translation });
  try {
    await viewer.movePointer(300, 300);
    await until("the pointer over the terminal", async () => (await desktop.screen.pointer()).xPx === 300);
    let all = "";
    for (let round = 0; round < 50; round += 1) {
      const text = `round ${round}; `;
      await copyHere(viewer.page, { text });
      await viewer.page.keyboard.press(keys);
      all += text;
      await until(text, () => terminal.text().length >= all.length);
      expect(terminal.text()).toBe(all);
    }
  } finally {
    await terminal.close();
  }
});

test("the panel says what the desktop's clipboard holds, and sends text that I write", async () => {
  await there.copy("copied there");
  await viewer.page.keyboard.press("Control+Alt+Shift+M");
  await viewer.byTestId("toggle-clipboard").click();
  await until("its text", async () => (await viewer.byTestId("clipboard-text").inputValue()) === "copied there");
  expect(await viewer.byTestId("clipboard-holds").innerText()).toBe("It holds text, 12 B.");
  await until(
    "it is here",
    async () => (await viewer.byTestId("clipboard-here").innerText()) === "It is on your clipboard too.",
  );
  await viewer.byTestId("clipboard-text").fill("written here");
  await viewer.byTestId("clipboard-send").click();
  await until("my text there", () => there.has("written here"));
  await viewer.page.keyboard.press("Escape");
  await viewer.byTestId("clipboard-panel").waitFor({ state: "detached" });
});

test("files that are copied there are told by name, and stay a list of files for the programs there", async () => {
  const list = "file:///home/user/holiday%20picture.png\r\nfile:///home/user/notes/\r\n";
  await there.copy(list, "text/uri-list");
  await viewer.page.keyboard.press("Control+Alt+Shift+M");
  await viewer.byTestId("toggle-clipboard").click();
  await until("the names", async () =>
    (await viewer.byTestId("clipboard-holds").innerText()).includes("files: holiday picture.png, notes"),
  );
  await viewer.page.keyboard.press("Escape");
  expect(String(await there.paste("text/uri-list"))).toBe(list);
});
