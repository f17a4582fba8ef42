// The saved desktop that this page is for (`?desktop=ID`), in the application alone: asks the shell for the way to it, connects, keeps the password that the user
// wishes kept, and a small picture for its card. Built by `client.ts`; shown by `ui/home/`.

import { parseAgentAddress } from "./connection/agent-url.ts";
import type { Connection } from "./connection/connection.ts";
import type { Bridge } from "../shared/bridge.ts";
import type { DesktopProgress, OpenedDesktop, OpenFailed } from "../shared/desktops.ts";
import { Store } from "./store.ts";
import { type ShownPicture, smallJpeg } from "./video/still.ts";

export type SavedDesktopState =
  /** The way is being made. */
  | { readonly phase: "opening"; readonly progress?: DesktopProgress }
  | { readonly phase: "failed"; readonly failed: OpenFailed }
  /** There is a way: the rest is the connection's. */
  | { readonly phase: "open"; readonly desktop: OpenedDesktop };

export interface SavedDesktopParts {
  readonly id: string;
  readonly bridge: Bridge;
  readonly connection: Connection;
  readonly shown: () => ShownPicture | undefined;
}

/** A desktop shows itself in a moment; later pictures are for a page that ends without a word. */
const FIRST_PICTURE_MS = 3000;
const PICTURE_EVERY_MS = 60_000;

export class SavedDesktopPage {
  readonly id: string;
  readonly state = new Store<SavedDesktopState>({ phase: "opening" });
  readonly #parts: SavedDesktopParts;
  readonly #unwatch: readonly (() => void)[];
  /** To be kept once it has let the user in. */
  #wish: { readonly user: string; readonly password: string; readonly keep: boolean } | undefined;
  #timer: number | undefined;

  constructor(parts: SavedDesktopParts) {
    const { id, bridge, connection } = parts;
    this.#parts = parts;
    this.id = id;
    this.#unwatch = [
      bridge.on("desktopProgress", (progress) => {
        if (progress.id === id && this.state.get().phase === "opening") this.state.set({ phase: "opening", progress });
      }),
      connection.state.watch(() => this.#connectionChanged()),
    ];
  }

  /** Also again, when the way is lost. */
  async open(): Promise<void> {
    const { bridge, connection, id } = this.#parts;
    connection.reset();
    this.state.set({ phase: "opening" });
    const opening = await bridge.openDesktop(id);
    if ("failed" in opening) {
      this.state.set({ phase: "failed", failed: opening.failed });
      return;
    }
    this.state.set({ phase: "open", desktop: opening.ok });
    this.#connect(opening.ok.user, opening.ok.password);
  }

  /** What the user entered where the agent asks. */
  signIn(user: string, password: string, keep: boolean): void {
    this.#wish = { user, password, keep };
    this.#connect(user, password);
  }

  /** What is on the screen now becomes the picture of its card. */
  async keepPicture(): Promise<void> {
    const jpeg = smallJpeg(this.#parts.shown());
    if (jpeg !== undefined) await this.#parts.bridge.keepPicture({ id: this.id, jpeg });
  }

  /** Idempotent. */
  close(): void {
    clearTimeout(this.#timer);
    for (const unwatch of this.#unwatch) unwatch();
  }

  #connect(user: string, password: string | undefined): void {
    const state = this.state.get();
    const address = state.phase === "open" ? parseAgentAddress(state.desktop.url) : undefined;
    if (address === undefined) return;
    const credentials = { user, ...(password === undefined ? {} : { password }) };
    this.#parts.connection.connect({ address, credentials, trusted: true });
  }

  #connectionChanged(): void {
    clearTimeout(this.#timer);
    if (this.#parts.connection.state.get().phase !== "connected") return;
    void this.#keepWish();
    this.#pictureAfter(FIRST_PICTURE_MS);
  }

  #pictureAfter(delayMs: number): void {
    this.#timer = window.setTimeout(() => {
      void this.keepPicture();
      this.#pictureAfter(PICTURE_EVERY_MS);
    }, delayMs);
  }

  async #keepWish(): Promise<void> {
    const wish = this.#wish;
    this.#wish = undefined;
    if (wish === undefined) return;
    const { bridge, id } = this.#parts;
    const { user, password, keep } = wish;
    if (keep && password !== "") await bridge.keepPassword({ id, password });
    const desktop = (await bridge.listDesktops()).find((one) => one.id === id);
    if (desktop === undefined || desktop.user === user) return;
    const { name, target } = desktop;
    await bridge.saveDesktop({ id, name, user, target });
  }
}
