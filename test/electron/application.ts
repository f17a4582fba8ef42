// The desktop application as a story uses it: started, ended, clicked. Two kinds: the real one in Electron (electron-application.ts), and its page and
// shell without Electron in Chromium (channel-application.ts). The stories (stories.ts) do not know which.

import type { Page } from "playwright-core";

/** In the system's own units, as Electron has them. */
export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type Answer = "answered" | "refused" | "no bridge";

export interface Application {
  /** Of its page, as agents see it. */
  readonly origin: string;
  /** With what it has kept so far. Resolves with its window, when a page is in it. */
  start(): Promise<Page>;
  /** As the user ends it; what it keeps is kept. */
  quit(): Promise<void>;
  /** Somebody clicks an eglantine:// link elsewhere, while it runs. Resolves with the window that has it. */
  follow(link: string): Promise<Page>;
  /** The process of its window's page dies. Resolves when another page stands there, of which `expression` says `wanted`. */
  crash(expression: string, wanted: string): Promise<void>;
  /** A page that is not the application's own reaches for the shell. */
  askFromElsewhere(address: string): Promise<Answer>;
  /** And forgets what it has kept. */
  close(): Promise<void>;
}

/** What only the real one has. */
export interface NativeApplication extends Application {
  /** Starts it once more, as from the dock. Resolves with what that process ended with. */
  startAgain(): Promise<number | null>;
  windowCount(): Promise<number>;
  bounds(): Promise<Bounds>;
  move(bounds: Bounds): Promise<void>;
}
