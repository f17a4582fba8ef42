// A session that runs in EGLANTINE_RUN_DIR, found by what eglantine-session leaves there: its display, sound server and RFB socket, for a
// doctor that is started beside it (`docker exec`, a terminal of the desktop) and was told none of them. Used by `command.ts`.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config/load.ts";
import { readText } from "./runtime.ts";

/** The options with what they leave open taken from the session; as they are where none runs, or on another display. */
export function inSession(config: Config): Config {
  const at = (name: string): string => join(config.runDir, name);
  const display = readText(at("display")).trim();
  const pid = readText(at("pid")).trim();
  const runs = pid !== "" && readText(`/proc/${pid}/comm`).trim() === "s6-svscan";
  const { surroundings } = config;
  if (!runs || display === "" || (surroundings.displayNamed && config.display !== display)) return config;
  const here = (name: string): string | undefined => (existsSync(at(name)) ? at(name) : undefined);
  const sound = here("sound/native");
  const own = config.pulseServer === undefined && sound !== undefined;
  return {
    ...config,
    display,
    xauthority: here("Xauthority") ?? config.xauthority,
    rfbSocket: config.rfbSocket ?? here("rfb.sock"),
    gamepadDir: config.gamepadDir ?? here("gamepad"),
    ...(own ? { pulseServer: `unix:${sound}`, audioSink: "desktop" } : {}),
    surroundings: { ...surroundings, displayNamed: true },
  };
}
