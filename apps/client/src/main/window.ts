// What all windows have in common: how they look, their menu, and the walls around the page: own scheme, policy, no navigation, no windows of
// other pages, no permissions beyond `permissions.ts`. Thin: rules are in `page-files.ts` and `permissions.ts`; next: `windows/electron-windows.ts`.

import { readFile } from "node:fs/promises";
import {
  app,
  type BrowserWindowConstructorOptions,
  type MenuItemConstructorOptions,
  protocol,
  session,
} from "electron";
import { contentSecurityPolicy } from "../shared/policy.ts";
import { isOwnPage, PAGE_SCHEME, pageFile } from "./page-files.ts";
import { mayUse } from "./permissions.ts";

export interface WindowOptions {
  readonly preload: string;
  readonly debugging: boolean;
}

/** Before the application is ready: the scheme counts as a secure origin of its own. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: PAGE_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** Serves the page from `folder` and denies what is not on the list. */
export function guardSession(folder: string): void {
  const { defaultSession } = session;
  protocol.handle(PAGE_SCHEME, async ({ url }) => {
    const file = pageFile(folder, url);
    if (file === undefined) return new Response(null, { status: 404 });
    // The page has its policy in itself, with the scripts that it may run there.
    const ownPolicy = file.contentType.startsWith("text/html");
    return new Response(new Uint8Array(await readFile(file.path)), {
      headers: {
        "content-type": file.contentType,
        ...(ownPolicy ? {} : { "content-security-policy": contentSecurityPolicy() }),
        "x-content-type-options": "nosniff",
      },
    });
  });
  defaultSession.setPermissionRequestHandler((_contents, permission, decide, { requestingUrl }) => {
    decide(mayUse(permission, requestingUrl));
  });
  defaultSession.setPermissionCheckHandler((_contents, permission, origin) => mayUse(permission, `${origin}/`));
  app.on("web-contents-created", (_event, contents) => {
    contents.on("will-navigate", (event) => {
      if (!isOwnPage(event.url)) event.preventDefault();
    });
    contents.on("will-attach-webview", (event) => event.preventDefault());
    // `windows/electron-windows.ts` lets its own pages.
    contents.setWindowOpenHandler(() => ({ action: "deny" }));
  });
}

export function windowOptions({ preload, debugging }: WindowOptions): BrowserWindowConstructorOptions {
  return {
    title: "Eglantine",
    minWidth: 375,
    minHeight: 300,
    backgroundColor: "#171517",
    autoHideMenuBar: true,
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      spellcheck: false,
      devTools: debugging,
      // A picture in a window behind another one must not fall behind.
      backgroundThrottling: false,
      // The desktop is heard from the first moment.
      autoplayPolicy: "no-user-gesture-required",
    },
  };
}

/**
 * No menu where it would take keys from the desktop: elsewhere than on macOS Alt opens it, and the page has everything. macOS has none without, and its own
 * keys until the page holds them.
 */
export function menuTemplate(
  platform: NodeJS.Platform,
  name: string,
  debugging: boolean,
): readonly MenuItemConstructorOptions[] | undefined {
  const tools = debugging ? [{ role: "toggleDevTools" as const }] : [];
  if (platform !== "darwin") return debugging ? [{ label: name, submenu: tools }] : undefined;
  return [
    {
      label: name,
      submenu: [{ role: "about" }, { type: "separator" }, { role: "hide" }, { type: "separator" }, { role: "quit" }],
    },
    { role: "editMenu" },
    { label: "View", submenu: [{ role: "togglefullscreen", registerAccelerator: false }, ...tools] },
    { role: "windowMenu" },
  ];
}
