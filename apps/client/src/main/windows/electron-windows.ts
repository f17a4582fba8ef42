// Electron's windows: opens them where `window-desk.ts` says, tells it what becomes of them, and does to one of them what its page asks. Thin. Built by
// `main.ts`; the walls around their pages are `../window.ts`'s.

import { app, BrowserWindow, Menu, nativeImage, screen, webContents } from "electron";
import type { WindowActions } from "../system-answers.ts";
import { opensWindow } from "../page-files.ts";
import { menuTemplate, windowOptions, type WindowOptions } from "../window.ts";
import type { Display } from "./place.ts";
import type { WindowDesk, WindowPlan } from "./window-desk.ts";

export interface ElectronWindowsOptions extends WindowOptions {
  readonly desk: WindowDesk;
  /** Shown beside the pointer while files are dragged. */
  readonly dragIcon: string;
  /** The page of this window is gone for good. */
  readonly onClosed: (window: number) => void;
}

/** Of the system, for the desk. */
export const systemDisplays = (): readonly Display[] =>
  screen.getAllDisplays().map(({ id, bounds, workArea }) => ({
    id,
    bounds,
    workArea,
    primary: id === screen.getPrimaryDisplay().id,
  }));

export class ElectronWindows implements WindowActions {
  readonly #options: ElectronWindowsOptions;

  constructor(options: ElectronWindowsOptions) {
    this.#options = options;
    Menu.setApplicationMenu(menuOf(options.debugging));
  }

  /** Resolves when its page is loaded. */
  async open(url: string): Promise<void> {
    const plan = this.#options.desk.plan(url);
    const window = new BrowserWindow({ ...windowOptions(this.#options), ...plan.bounds, show: false });
    window.once("ready-to-show", () => {
      if (plan.maximized) window.maximize();
      window.show();
    });
    this.#watch(window, plan, url);
    await window.loadURL(url);
  }

  /** The window that shows the same is brought to the front, with this page; where there is none it is opened. */
  async showPage(url: string): Promise<void> {
    const id = this.#options.desk.showing(url);
    if (id === undefined) {
      await this.open(url);
      return;
    }
    this.focus(id);
    if (webContents.fromId(id)?.getURL() !== url) await webContents.fromId(id)?.loadURL(url);
  }

  focus(id: number): void {
    const window = this.#of(id);
    if (window === undefined) return;
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  /** Keys of the menu, as Command+Q of macOS, go to the page. */
  holdKeys(id: number, held: boolean): void {
    webContents.fromId(id)?.setIgnoreMenuShortcuts(held);
  }

  startDrag(id: number, paths: readonly string[]): void {
    const [file] = paths;
    if (file === undefined) return;
    const icon = nativeImage.createFromPath(this.#options.dragIcon);
    webContents.fromId(id)?.startDrag({ file, files: [...paths], icon });
  }

  countFreeScreens(id: number): number {
    return this.#options.desk.freeScreens(id);
  }

  #of(id: number): BrowserWindow | undefined {
    const contents = webContents.fromId(id);
    return contents === undefined ? undefined : (BrowserWindow.fromWebContents(contents) ?? undefined);
  }

  #watch(window: BrowserWindow, plan: WindowPlan, url: string): void {
    const { desk, onClosed } = this.#options;
    const { webContents: contents } = window;
    const { id } = contents;
    desk.add(
      {
        id,
        // Empty until the page has come.
        url: () => contents.getURL() || url,
        normalBounds: () => window.getNormalBounds(),
        isMaximized: () => window.isMaximized(),
        load: (page) => void contents.loadURL(page),
      },
      plan,
    );
    for (const moved of ["move", "resize", "maximize", "unmaximize"] as const)
      window.on(moved as "move", () => desk.moved(id));
    window.on("close", () => desk.closing(id));
    contents.once("destroyed", () => onClosed(id));
    contents.on("render-process-gone", (_event, { reason }) => {
      if (reason !== "clean-exit") desk.crashed(id);
    });
    this.#letOpen(contents);
  }

  /** Of its pages, only those of ours that may have a window of their own. */
  #letOpen(contents: Electron.WebContents): void {
    let plan: WindowPlan | undefined;
    contents.setWindowOpenHandler(({ url }) => {
      if (!opensWindow(url)) return { action: "deny" };
      plan = this.#options.desk.plan(url);
      return { action: "allow", overrideBrowserWindowOptions: { ...windowOptions(this.#options), ...plan.bounds } };
    });
    contents.on("did-create-window", (child, { url }) => {
      const planned = plan ?? this.#options.desk.plan(url);
      this.#watch(child, planned, url);
      if (planned.maximized) child.maximize();
    });
  }
}

/** Elsewhere than on macOS Alt would open it, which is the desktop's. */
function menuOf(debugging: boolean): Menu | null {
  const template = menuTemplate(process.platform, app.name, debugging);
  return template === undefined ? null : Menu.buildFromTemplate([...template]);
}
