// The window and those for further monitors, their menu, and the walls around the page: own scheme, policy, no navigation, no windows of
// other pages, no permissions beyond `permissions.ts`. Thin: rules are in `page-files.ts` and `permissions.ts`.

import { readFile } from "node:fs/promises";
import { app, BrowserWindow, type BrowserWindowConstructorOptions, Menu, protocol, session } from "electron";
import { CONTENT_SECURITY_POLICY } from "../shared/policy.ts";
import { isMonitorPage, isOwnPage, PAGE_SCHEME, pageFile } from "./page-files.ts";
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

/** Serves the page from `folder` and denies what is not on the list. `options`: of the windows that the page opens for further monitors. */
export function guardSession(folder: string, options: WindowOptions): void {
  const { defaultSession } = session;
  protocol.handle(PAGE_SCHEME, async ({ url }) => {
    const file = pageFile(folder, url);
    if (file === undefined) return new Response(null, { status: 404 });
    return new Response(new Uint8Array(await readFile(file.path)), {
      headers: {
        "content-type": file.contentType,
        "content-security-policy": CONTENT_SECURITY_POLICY,
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
    contents.setWindowOpenHandler(({ url }) =>
      isMonitorPage(url)
        ? { action: "allow", overrideBrowserWindowOptions: windowOptions(options) }
        : { action: "deny" },
    );
  });
}

export function openWindow(options: WindowOptions): BrowserWindow {
  const window = new BrowserWindow({ ...windowOptions(options), width: 1280, height: 800, show: false });
  window.once("ready-to-show", () => window.show());
  Menu.setApplicationMenu(createMenu(options.debugging));
  return window;
}

function windowOptions({ preload, debugging }: WindowOptions): BrowserWindowConstructorOptions {
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

/** No accelerators but the platform's own to quit on macOS: every other key belongs to the desktop. */
function createMenu(debugging: boolean): Menu {
  const ownKeys = process.platform === "darwin";
  return Menu.buildFromTemplate([
    {
      label: "Eglantine",
      submenu: [{ role: "about" }, { type: "separator" }, { role: "quit", registerAccelerator: ownKeys }],
    },
    {
      label: "View",
      submenu: [
        { role: "togglefullscreen", registerAccelerator: false },
        ...(debugging ? [{ role: "toggleDevTools" as const, registerAccelerator: false }] : []),
      ],
    },
  ]);
}
