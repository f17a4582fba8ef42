// What the user chose of path and picture, and what follows from it: says so to the agent behind each hello, and goes over to
// noVNC when the user, the agent's operator or the network wants it. Built by `client.ts`; changed by `ui/`; kept by agent in
// `shared/settings.ts`.

import { logged, said, type Sentence } from "./messages/said.ts";
import { pictureOf, type PathWish, type PictureWish, rememberPicture, type VideoWish } from "../shared/settings.ts";
import type { Connection } from "./connection/connection.ts";
import type { Preferences } from "./preferences.ts";
import type { VncPath } from "./vnc/vnc-path.ts";

interface ChoiceParts {
  readonly connection: Connection;
  readonly vnc: VncPath;
  readonly preferences: Preferences;
  /** The window shows one monitor of several, which noVNC does not know. */
  readonly further: boolean;
}

export class Choice {
  readonly #parts: ChoiceParts;
  /** The agent that all below is about. */
  #host: string | undefined;
  /** Chosen by hand in this visit, over the settings: noVNC, or not noVNC. */
  #byHand: "vnc" | "picture" | undefined;
  /** Why no other path gave a picture: noVNC is taken at once the next time. */
  #fellBack: Sentence | undefined;
  /** The wish that the agent knows, as JSON. */
  #told: string | undefined;
  /** How many pictures a second this screen shows, where the agent would send more. */
  #screenHz: number | undefined;

  constructor(parts: ChoiceParts) {
    this.#parts = parts;
  }

  /** Chosen for the agent that is connected. */
  get wish(): PictureWish {
    return pictureOf(this.#parts.preferences.store.get().pictures, this.#parts.connection.target?.address.pageUrl);
  }

  /** The settings have changed: what is wanted of every desktop goes out, where it is something else now. */
  renew(): void {
    const { connection } = this.#parts;
    const asked = this.#asked(this.wish.video);
    if (this.#told === undefined || JSON.stringify(asked) === this.#told) return;
    if (connection.state.get().phase === "connected") this.#tell(asked);
  }

  /** An attempt begins: what is wanted goes out right behind its hello. `held`: the session before it stood for long. */
  begin(held = false): void {
    const { connection } = this.#parts;
    const host = connection.target?.address.pageUrl;
    if (host !== this.#host) {
      this.#host = host;
      this.#byHand = undefined;
      this.#fellBack = undefined;
    }
    // The network may be another one by now: a picture is tried again, once.
    if (held) this.#fellBack = undefined;
    const { path, video } = this.wish;
    const asked = this.#asked(video);
    this.#told = JSON.stringify(asked);
    if (Object.keys(asked).length > 0) this.#tell(asked);
    if (this.#wantsVnc()) {
      connection.send({ type: "path", want: "vnc" });
    } else if (this.#byHand === "picture" || path !== "auto") {
      connection.send({ type: "path", want: path === "vnc" ? "auto" : path });
    }
  }

  /** The viewer was let in. */
  admitted(): void {
    const { connection } = this.#parts;
    const { paths, viewOnly } = connection.facts.get();
    if (viewOnly) connection.notify("info", said("notices", "watch-only"));
    const offered = paths.includes("vnc");
    if (this.#wantsVnc() && !offered) {
      this.#fellBack = undefined;
      this.#leaveFor(said("notices", "vnc-gone"));
    } else if (this.#wantsVnc()) {
      this.#takeVnc(this.#fellBack ?? said("notices", "vnc-chosen"));
    } else if (this.#byHand === undefined && this.wish.path === "auto" && paths[0] === "vnc") {
      this.#takeVnc(said("notices", "vnc-first"));
    }
  }

  /** Neither WebRTC nor the WebSocket gives a picture. True: noVNC is taken instead. */
  withoutPicture(why: Sentence): boolean {
    const { paths } = this.#parts.connection.facts.get();
    const { path } = this.wish;
    if (!paths.includes("vnc") || path === "webrtc" || path === "socket") return false;
    this.#byHand = undefined;
    this.#fellBack = why;
    this.#takeVnc(why);
    return true;
  }

  /** noVNC could not be had. */
  withoutVnc(why: Sentence): void {
    const { connection } = this.#parts;
    const others = connection.facts.get().paths.some((path) => path !== "vnc");
    if (this.#fellBack !== undefined || !others) {
      connection.attempt?.fail("media-failed", `noVNC: ${logged(why)}`, said("notices", "vnc-failed", { why }));
    } else {
      this.#leaveFor(said("notices", "vnc-failed", { why }));
    }
  }

  /** The toolbar's way to noVNC and back; for this visit. */
  toggleVnc(): void {
    if (this.#parts.vnc.on) {
      this.#leaveFor();
    } else {
      this.#byHand = "vnc";
      this.#takeVnc(said("notices", "vnc-chosen"));
    }
  }

  /** Takes hold at once, and is remembered for this agent. */
  setPath(path: PathWish): void {
    const { connection, vnc } = this.#parts;
    this.#remember({ ...this.wish, path });
    this.#byHand = undefined;
    this.#fellBack = undefined;
    const wantsVnc = path === "vnc" || (path === "auto" && connection.facts.get().paths[0] === "vnc");
    if (wantsVnc !== vnc.on) {
      if (wantsVnc) this.#takeVnc(path === "vnc" ? said("notices", "vnc-chosen") : said("notices", "vnc-first"));
      else this.#again();
    } else if (!wantsVnc) {
      connection.send({ type: "path", want: path });
      const trouble = path === "socket" ? connection.attempt?.socketTrouble : undefined;
      if (trouble !== undefined) connection.notify("warning", said("notices", "no-tcp-picture", { why: trouble }));
    }
  }

  /** Takes hold at once, and is remembered for this agent. */
  setVideo(video: VideoWish): void {
    this.#tell(this.#asked(video));
    this.#remember({ ...this.wish, video });
  }

  /** This screen shows no more pictures a second: more are not asked for, unless the user wants them. */
  setScreenHz(rateHz: number): void {
    const { connection } = this.#parts;
    const { video } = connection.facts.get();
    const { framesPerSecond } = { ...this.#parts.preferences.store.get().video, ...this.wish.video };
    if (framesPerSecond !== undefined) return;
    const before = this.#screenHz ?? video?.framesPerSecond;
    if (before === undefined || (this.#screenHz === undefined ? rateHz >= before : rateHz === before)) return;
    this.#screenHz = rateHz;
    this.#tell(this.#asked(this.wish.video));
  }

  /** What this screen shows, then what is wanted of every desktop, then of this one. */
  #asked(video: VideoWish): VideoWish {
    const screen = this.#screenHz === undefined ? {} : { framesPerSecond: this.#screenHz };
    return { ...screen, ...this.#parts.preferences.store.get().video, ...video };
  }

  #tell(asked: VideoWish): void {
    this.#told = JSON.stringify(asked);
    this.#parts.connection.send({ type: "video", ...asked });
  }

  #wantsVnc(): boolean {
    if (this.#parts.further) return false;
    if (this.#byHand !== undefined) return this.#byHand === "vnc";
    return this.wish.path === "vnc" || this.#fellBack !== undefined;
  }

  #takeVnc(why: Sentence): void {
    const { connection, vnc } = this.#parts;
    connection.send({ type: "path", want: "vnc" });
    connection.attempt?.leavePaths();
    vnc.open(why);
  }

  /** Another attempt, without noVNC. */
  #leaveFor(trouble?: Sentence): void {
    this.#byHand = "picture";
    this.#fellBack = undefined;
    this.#again();
    if (trouble !== undefined) this.#parts.connection.notify("warning", trouble);
  }

  /** noVNC's last picture is kept by then, where there was one. */
  #again(): void {
    const { connection, vnc } = this.#parts;
    connection.again();
    vnc.close();
  }

  #remember(wish: PictureWish): void {
    const url = this.#parts.connection.target?.address.pageUrl;
    if (url === undefined) return;
    this.#parts.preferences.change(({ pictures }) => ({ pictures: rememberPicture(pictures, { url, ...wish }) }));
  }
}
