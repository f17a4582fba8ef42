// What one viewer drags from its computer onto a program of the desktop: the program under the pointer is looked for when it drops, and is given the files when
// they have come. Nothing is lost where it takes none: they are in the folder for viewers' files. Made by `session.ts`; next: `files/files.ts`, `x11/drop.ts`.

import type { AgentControl, ViewerControl } from "@eglantine/protocol/control";
import { LIMITS } from "@eglantine/protocol/limits";
import type { Files } from "../files/files.ts";
import type { FilesPolicy } from "../files/policy.ts";
import type { Desktop } from "../x11/desktop.ts";
import type { Spot } from "../x11/drop.ts";

type Viewer<Type extends ViewerControl["type"]> = Extract<ViewerControl, { type: Type }>;

export interface DropsOptions {
  readonly desktop: Pick<Desktop, "dropWindow" | "drop">;
  readonly files: Pick<Files, "placed">;
  readonly policy: FilesPolicy;
  readonly send: (message: Extract<AgentControl, { type: "notice" }>) => void;
}

interface Aim {
  readonly spot: Spot;
  readonly window: Promise<number | undefined>;
}

export class Drops {
  readonly #options: DropsOptions;
  /** By the viewer's number, the oldest first. */
  readonly #aims = new Map<number, Aim>();

  constructor(options: DropsOptions) {
    this.#options = options;
  }

  aim({ drop, xPx, yPx }: Viewer<"dropAim">): void {
    if (!this.#options.policy.up) return;
    const spot = { xPx, yPx };
    this.#aims.set(drop, { spot, window: this.#options.desktop.dropWindow(spot) });
    const [oldest] = this.#aims.keys();
    if (this.#aims.size > LIMITS.drops && oldest !== undefined) this.#aims.delete(oldest);
  }

  async give({ drop, files: wanted }: Viewer<"dropFiles">): Promise<void> {
    const { desktop, files, policy, send } = this.#options;
    const aim = this.#aims.get(drop);
    this.#aims.delete(drop);
    const window = await aim?.window;
    if (aim === undefined || window === undefined) return;
    const paths = await files.placed(policy, wanted);
    if (paths.length === 0) return;
    const outcome = await desktop.drop(aim.spot, window, paths);
    const text =
      outcome === "taken"
        ? "The program under the pointer has got them."
        : `The program under the pointer did not take them: they are in ${policy.folder}.`;
    send({ type: "notice", level: "info", text: text.slice(0, LIMITS.textChars) });
  }
}
