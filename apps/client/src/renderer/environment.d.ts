// What the page's surroundings offer beyond the standard library: the shell's bridge, style modules, young web APIs.

declare module "*.module.css" {
  const names: Readonly<Record<string, string>>;
  export default names;
}

declare module "*?worker&url" {
  const url: string;
  export default url;
}

/** Made by `messages-plugin.ts`. */
declare module "virtual:messages" {
  type Compiled = import("@lingui/core").Messages;
  type Area = import("./messages/areas.ts").Area;
  type Language = import("../shared/languages.ts").Language;
  /** By area. */
  export const ENGLISH_AT_START: Partial<Record<Area, Compiled>>;
  export const START: Partial<Record<Language, () => Promise<{ default: Partial<Record<Area, Compiled>> }>>>;
  /** By "language/area". */
  export const AREAS: Partial<Record<string, () => Promise<{ default: Compiled }>>>;
}

interface Window {
  /** Set by `reload.ts` before all other scripts run. */
  eglantineParts: {
    /** Everything that the page begins with has come. */
    whole(): void;
    /** `what`: something without which it does not work, or what was thrown in its place. */
    missing(what: unknown): void;
  };
  readonly eglantine?: import("../shared/bridge.ts").Bridge;
}

interface Navigator {
  /** https://wicg.github.io/keyboard-lock/, https://wicg.github.io/keyboard-map/ (Chromium). */
  readonly keyboard?: {
    lock(codes?: readonly string[]): Promise<void>;
    unlock(): void;
    getLayoutMap(): Promise<ReadonlyMap<string, string>>;
  };
  /** https://wicg.github.io/netinfo/ (not everywhere). */
  readonly connection?: EventTarget;
  readonly userAgentData?: { readonly platform: string };
}

interface RTCRtpReceiver {
  /** Chromium's older name of `jitterBufferTarget`, in seconds. */
  playoutDelayHint?: number | null;
}
