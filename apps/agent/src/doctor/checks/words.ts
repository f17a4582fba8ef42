// Checks: time zone, locale and fonts of the desktop.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { findProgram, runProgram } from "../program.ts";
import type { Place } from "../place.ts";
import type { Check, Finding } from "../types.ts";

const ZONES = "/usr/share/zoneinfo";
const PROGRAM_MS = 10_000;

export const timeZone: Check = {
  name: "time-zone",
  group: "machine",
  title: "Time zone",
  doc: "TZ is a zone that this place knows (/usr/share/zoneinfo).",
  limitMs: 2000,
  run: async ({ config: { surroundings } }) =>
    judgeZone(surroundings.timeZone, (zone) => existsSync(join(ZONES, zone)), existsSync(ZONES)),
};

export function judgeZone(zone: string | undefined, isKnown: (zone: string) => boolean, installed: boolean): Finding {
  const name = zone?.replace(/^:/, "");
  if (name === undefined || name === "") {
    return {
      verdict: "pass",
      seen: "TZ is not set",
      means: "Programs show the machine's own time, UTC in a container",
    };
  }
  // A rule of POSIX, as in CET-1CEST, needs no file.
  if (/^[A-Za-z]{3,}[+-]?\d|^</.test(name) && !name.includes("/")) {
    return { verdict: "pass", seen: `TZ is the rule ${name}`, means: "Programs show that time" };
  }
  if (!name.includes("..") && isKnown(name)) {
    return { verdict: "pass", seen: `TZ is ${name}`, means: "Programs show that zone's time" };
  }
  return {
    verdict: "warn",
    seen: `TZ is ${name}, which is not known here`,
    means: "Programs show UTC instead, without a word",
    fix: installed ? "TZ=Area/City, as in TZ=Europe/Berlin" : "install the zones (Debian package tzdata)",
  };
}

export const locale: Check = {
  name: "locale",
  group: "machine",
  title: "Locale",
  doc: "LANG (or LC_ALL, LC_CTYPE) is a locale that is installed, and one of UTF-8.",
  limitMs: 12_000,
  run: async (place, signal) =>
    judgeLocale(place.config.surroundings.locale, await output(place, signal, "locale", "-a"), place.config.container),
};

/** `container`: programs are started by our own session, which takes C.UTF-8 where nothing is set. */
export function judgeLocale(wanted: string | undefined, installed: string | undefined, container = false): Finding {
  if (installed === undefined) return noProgram("locale", "libc-bin");
  if (wanted === undefined && container) {
    return { verdict: "pass", seen: "LANG is not set", means: "The desktop's programs get C.UTF-8" };
  }
  const known = new Set(installed.split("\n").map(normalLocale));
  const name = wanted ?? "C";
  if (!known.has(normalLocale(name))) {
    return {
      verdict: "warn",
      seen: `${name} is not installed`,
      means: "Programs fall back to C: English, and letters beyond ASCII may be lost",
      fix: "LANG=C.UTF-8, or a locale of `locale -a` (more: Debian package locales-all)",
    };
  }
  if (!/utf-?8/i.test(name)) {
    return {
      verdict: "warn",
      seen: wanted === undefined ? "LANG is not set" : `${name} is not one of UTF-8`,
      means: "Letters beyond ASCII are lost in file names and terminals",
      fix: "LANG=C.UTF-8",
    };
  }
  return { verdict: "pass", seen: name, means: "Programs know this locale" };
}

/** `locale -a` says utf8 where everybody writes UTF-8. */
function normalLocale(name: string): string {
  return name.trim().replace(/\.utf-?8/i, ".utf8");
}

export const fonts: Check = {
  name: "fonts",
  group: "machine",
  title: "Fonts",
  doc: "How many there are, and whether Chinese, Japanese, Korean and emoji can be shown.",
  limitMs: 30_000,
  run: async (place, signal) => {
    const all = await output(place, signal, "fc-list");
    if (all === undefined) return noProgram("fc-list", "fontconfig");
    const lacking: string[] = [];
    for (const [name, pattern] of SCRIPTS) {
      if (lines(await output(place, signal, "fc-list", pattern)) === 0) lacking.push(name);
    }
    return judgeFonts(lines(all), lacking);
  },
};

const SCRIPTS = [
  ["Chinese", ":lang=zh-cn"],
  ["Japanese", ":lang=ja"],
  ["Korean", ":lang=ko"],
  ["emoji", ":charset=1f600"],
] as const;

export function judgeFonts(count: number, lacking: readonly string[]): Finding {
  const seen = `${count} fonts${lacking.length === 0 ? "" : `; none for ${lacking.join(", ")}`}`;
  if (count === 0) {
    return {
      verdict: "fail",
      seen,
      means: "Programs show boxes instead of letters",
      fix: "install fonts (Debian package fonts-dejavu-core)",
    };
  }
  if (lacking.length === 0) return { verdict: "pass", seen, means: "The scripts that most pages use can be shown" };
  return {
    verdict: "warn",
    seen,
    means: "Such text shows as boxes",
    fix: "install them (Debian packages fonts-noto-cjk fonts-noto-color-emoji)",
  };
}

function lines(text: string | undefined): number {
  return (text ?? "").split("\n").filter((line) => line !== "").length;
}

/** undefined: there is no such program. */
async function output(place: Place, signal: AbortSignal, name: string, ...args: string[]): Promise<string | undefined> {
  const env = place.environment();
  const path = findProgram(name, env);
  if (path === undefined) return undefined;
  return (await runProgram(path, args, { env, signal, limitMs: PROGRAM_MS })).stdout;
}

function noProgram(name: string, debianPackage: string): Finding {
  return {
    verdict: "skip",
    seen: `${name} is not installed`,
    means: "Without it this was not looked at",
    fix: `install the Debian package ${debianPackage}`,
  };
}
