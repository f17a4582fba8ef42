// What a form has before the user changes anything: names and a port that are free on that engine, a password made for the user, the best GPU.
// Used by `launcher.ts`.

import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { createSocket } from "node:dgram";
import { emptyForm, isFieldRight, LAUNCH_FORM, type LaunchForm } from "../../shared/launch-form.ts";
import type { GpuVerdict } from "../../shared/launcher.ts";

/** Without those that look alike: it may have to be typed. */
const ALPHABET = "abcdefghijkmnpqrstuvwxyzACDEFGHJKLMNPQRTUVWXY34679";
const PASSWORD_CHARS = 20;
const PORTS_TRIED = 200;

/** 113 bits. */
export function makePassword(): string {
  return Array.from({ length: PASSWORD_CHARS }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
}

/** PURE. The first of `eglantine`, `eglantine-2` … that no container has. */
export function freeName(taken: readonly string[]): string {
  const { fallback } = LAUNCH_FORM.name;
  for (let number = 2, name = fallback; ; name = `${fallback}-${number++}`) if (!taken.includes(name)) return name;
}

function isFree(port: number): Promise<boolean> {
  const tcp = new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
  const udp = new Promise<boolean>((resolve) => {
    const socket = createSocket("udp4");
    socket.once("error", () => socket.close(() => resolve(false)));
    socket.bind(port, "127.0.0.1", () => socket.close(() => resolve(true)));
  });
  return Promise.all([tcp, udp]).then(([one, other]) => one && other);
}

/** The first from 8080 on that no container has published and, on an engine of this computer, no program has open. */
export async function suggestPort(taken: readonly number[], isHere: boolean): Promise<number> {
  const first = LAUNCH_FORM.port.fallback;
  for (let port = first; port < first + PORTS_TRIED; port++) {
    if (!taken.includes(port) && (!isHere || (await isFree(port)))) return port;
  }
  return first;
}

/** As LANG has it, from a locale such as de-DE; empty where that names no country. */
function languageOf(locale: string): string {
  const language = `${locale.replace("-", "_")}.UTF-8`;
  return isFieldRight("language", language) ? language : "";
}

export interface DefaultsOptions {
  readonly engine: string;
  readonly names: readonly string[];
  readonly ports: readonly number[];
  /** The engine is on this computer. */
  readonly isHere: boolean;
  readonly gpu: readonly GpuVerdict[];
  readonly images: readonly string[];
  /** The engine's machine, where viewers reach it directly. */
  readonly publicAddress: string | undefined;
}

export async function defaultForm({
  engine,
  names,
  ports,
  isHere,
  gpu,
  images,
  publicAddress,
}: DefaultsOptions): Promise<LaunchForm> {
  const { locale, timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const empty = emptyForm();
  const name = freeName(names);
  return {
    ...empty,
    engine,
    name,
    // What is there needs no fetching.
    image: images.includes(empty.image) ? empty.image : (images[0] ?? empty.image),
    gpu: gpu.find(({ state }) => state === "ready")?.way ?? "none",
    home: `${name}-home`,
    port: await suggestPort(ports, isHere),
    password: makePassword(),
    ...(publicAddress !== undefined && { reach: "network", publicAddress }),
    timeZone: isFieldRight("timeZone", timeZone) ? timeZone : "",
    language: languageOf(locale),
  };
}
