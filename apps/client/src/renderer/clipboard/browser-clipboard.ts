// This computer's clipboard as far as a browser lets a page at it. Reading: a paste event brings everything, on every page and without a
// question, but only when the user pastes; the asynchronous clipboard is looked at only where the user has allowed that before. Writing: the
// asynchronous clipboard, which wants the focus (Chromium) or a fresh key or click (others); on http:// pages a copy event, text alone.

import type { Holding } from "./holding.ts";
import type { LocalClipboard, Written } from "./local-clipboard.ts";
import { pngOf } from "./png.ts";

/** In an insecure context there is none. */
const asynchronous = (): Clipboard | undefined => (navigator as { readonly clipboard?: Clipboard }).clipboard;

export class BrowserClipboard implements LocalClipboard {
  readonly tellsPastes = true;
  readonly writesUnfocused = false;

  async readsSilently(): Promise<boolean> {
    return typeof asynchronous()?.read === "function" && (await readPermission()) === "granted";
  }

  async read(): Promise<Holding | undefined> {
    try {
      const items = await asynchronous()?.read();
      return items === undefined ? undefined : await holdingOfItems(items);
    } catch (error) {
      return unlessRefused(error, undefined);
    }
  }

  async write(holding: Holding): Promise<Written> {
    const { text, html, picture } = holding;
    const clipboard = asynchronous();
    if (clipboard === undefined) return text === undefined && html === undefined ? "never" : copyByEvent(holding);
    if (!document.hasFocus()) return "later";
    try {
      // Firefox before 127 has no items.
      if (typeof ClipboardItem === "undefined" || typeof clipboard.write !== "function") {
        if (text === undefined) return "never";
        await clipboard.writeText(text);
        return "yes";
      }
      const parts: Record<string, Blob> = {};
      if (text !== undefined) parts["text/plain"] = new Blob([text], { type: "text/plain" });
      if (html !== undefined) parts["text/html"] = new Blob([html], { type: "text/html" });
      if (picture !== undefined) parts["image/png"] = await pngOf(picture);
      if (Object.keys(parts).length === 0) return "never";
      await clipboard.write([new ClipboardItem(parts)]);
      return "yes";
    } catch (error) {
      return unlessRefused(error, "later");
    }
  }
}

/** Undefined where the browser has no such permission: it would ask at each look, in its own way. */
export async function readPermission(): Promise<PermissionState | undefined> {
  try {
    return (await navigator.permissions.query({ name: "clipboard-read" as PermissionName })).state;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

async function holdingOfItems(items: ClipboardItems): Promise<Holding> {
  const take = async (type: string): Promise<Blob | undefined> => {
    const item = items.find(({ types }) => types.includes(type));
    return item?.getType(type);
  };
  const [text, html, picture] = await Promise.all(["text/plain", "text/html", "image/png"].map(take));
  return {
    ...(text === undefined || text.size === 0 ? {} : { text: await text.text() }),
    ...(html === undefined || html.size === 0 ? {} : { html: await html.text() }),
    ...(picture === undefined ? {} : { picture }),
  };
}

/** The old way, which every page has while a key or click of the user is fresh. */
function copyByEvent({ text, html }: Holding): Written {
  let done = false;
  const fill = (event: ClipboardEvent): void => {
    if (text !== undefined) event.clipboardData?.setData("text/plain", text);
    if (html !== undefined) event.clipboardData?.setData("text/html", html);
    event.preventDefault();
    event.stopImmediatePropagation();
    done = true;
  };
  window.addEventListener("copy", fill, { capture: true, once: true });
  document.execCommand("copy");
  window.removeEventListener("copy", fill, { capture: true });
  return done ? "yes" : "later";
}

/** Refused by the user or the browser, or the window has lost the focus; anything else is a bug. */
function unlessRefused<T>(error: unknown, otherwise: T): T {
  if (!(error instanceof DOMException)) throw error;
  console.debug("clipboard", error);
  return otherwise;
}
