// The application's clipboard, on one that behaves as Electron documents its own (`clipboard`, `ClipboardItem`).

import { expect, test } from "vitest";
import { DesktopClipboard } from "./clipboard.ts";
import { ClipboardItemDouble } from "./testing/clipboard-item.ts";

function clipboardWith(items: ClipboardItemDouble[]) {
  const state = { items };
  const clipboard = new DesktopClipboard(
    {
      read: () => Promise.resolve(state.items),
      write: (written: ClipboardItemDouble[]) => {
        state.items = written;
        return Promise.resolve();
      },
    },
    (parts) => new ClipboardItemDouble(parts),
  );
  return { clipboard, state };
}

test("what is written is read as it was, byte by byte", async () => {
  const { clipboard } = clipboardWith([]);
  const content = { text: "text ß", html: "<b>ß</b>", png: Uint8Array.of(1, 2, 3) };
  await clipboard.write(content);
  expect(await clipboard.read()).toEqual(content);
});

test("an empty clipboard, and kinds that nobody knows, are nothing", async () => {
  expect(await clipboardWith([]).clipboard.read()).toEqual({});
  const other = new ClipboardItemDouble({ "application/x-thing": new Blob(["x"]), "text/plain": new Blob([""]) });
  expect(await clipboardWith([other]).clipboard.read()).toEqual({});
});

test.each([undefined, null, 7, "text", [], { text: 7, html: null, png: "png" }, { text: "", png: new Uint8Array() }])(
  "%o from the page is no content, and leaves the clipboard alone",
  async (content) => {
    const before = new ClipboardItemDouble({ "text/plain": new Blob(["before"]) });
    const { clipboard, state } = clipboardWith([before]);
    await clipboard.write(content);
    expect(state.items).toEqual([before]);
  },
);
