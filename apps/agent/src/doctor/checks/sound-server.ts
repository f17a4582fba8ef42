// Check: the sound server, by a capture that is opened as for a viewer.

import { loadNativeSound, type NativeSound } from "../../audio/native.ts";
import type { Config } from "../../config/load.ts";
import type { Check, Finding } from "../types.ts";

export const soundServer: Check = {
  name: "sound-server",
  group: "sound",
  title: "Sound server",
  doc: "The sound module loads, and a capture of the desktop's sink is opened as for a viewer.",
  limitMs: 8000,
  run: async ({ config }, signal) => {
    if (!config.audio) return judgeSound({ state: "off" });
    const { pulseServer } = config;
    if (pulseServer === undefined) return judgeSound({ state: "unnamed" });
    const native = loadNativeSound();
    if ("why" in native) return judgeSound({ state: "no-module", why: native.why });
    const why = await openCapture(native, pulseServer, config, signal);
    return judgeSound(
      why === undefined ? { state: "ready", server: pulseServer, sink: config.audioSink } : { state: "lost", why },
    );
  },
};

export type SoundLook =
  | { readonly state: "off" | "unnamed" }
  | { readonly state: "no-module" | "lost"; readonly why: string }
  | { readonly state: "ready"; readonly server: string; readonly sink: string };

export function judgeSound(look: SoundLook): Finding {
  switch (look.state) {
    case "off":
      return {
        verdict: "skip",
        seen: "EGLANTINE_AUDIO is false",
        means: "Viewers hear nothing, as the operator wants it",
      };
    case "unnamed":
      return {
        verdict: "skip",
        seen: "PULSE_SERVER is not set, and no session runs here",
        means: "There is no sound server to look at",
        fix: "ask in a running desktop: docker exec CONTAINER eglantine doctor, or the client's Doctor panel",
      };
    case "no-module":
      return {
        verdict: "fail",
        seen: look.why,
        means: "Viewers hear nothing",
        fix: "install its libraries (Debian packages libpulse0 libopus0), or build it: pnpm --filter ./apps/agent build:native",
      };
    case "lost":
      return {
        verdict: "fail",
        seen: look.why,
        means: "Viewers hear nothing",
        fix: "install pulseaudio; in a session its log is in log/sound of EGLANTINE_RUN_DIR; else PULSE_SERVER=…, EGLANTINE_AUDIO_SINK=…",
      };
    case "ready":
      return { verdict: "pass", seen: `${look.server}, sink ${look.sink}`, means: "Viewers hear the desktop" };
  }
}

/** Why it can't be opened; undefined: it can. */
function openCapture(
  native: NativeSound,
  server: string,
  { audioSink: sink, audioChannels: channels, audioBps: bitrateBps }: Config,
  signal: AbortSignal,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const options = { server, sink, channels, bitrateBps, lowDelay: true, lossPercent: 0 };
    const capture = new native.Capture(options, (message) => {
      if (message.kind === "packet") return;
      end();
      resolve(message.kind === "lost" ? message.reason : undefined);
    });
    const abort = (): void => {
      end();
      reject(new Error("the sound server does not answer"));
    };
    const end = (): void => {
      signal.removeEventListener("abort", abort);
      capture.close();
    };
    signal.addEventListener("abort", abort, { once: true });
  });
}
