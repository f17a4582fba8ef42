// What an engine tells while it fetches an image → layers and bytes. PURE. From `docker.ts`, one message a time; to `launch.ts`, which tells the page.

import type { LayerProgress } from "../../shared/launcher.ts";

/** As the Engine API has it in POST /images/create: Docker's statuses, or Podman's. */
export interface PullMessage {
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
}

/** By the layer's id, in the order in which the engine named them. */
export type Layers = ReadonlyMap<string, LayerProgress>;

const STATES: readonly (readonly [RegExp, LayerProgress["state"]])[] = [
  [/^Downloading|^Copying/, "downloading"],
  [/^Verifying|^Download complete/, "verifying"],
  [/^Extracting/, "extracting"],
  [/^Pull complete|^Already exists/, "done"],
  [/^Pulling fs layer|^Waiting|^Retrying/, "waiting"],
];

/** The layers after this message. */
export function addPullMessage(layers: Layers, { status = "", id = "", progressDetail }: PullMessage): Layers {
  const state = STATES.find(([pattern]) => pattern.test(status))?.[1];
  if (state === undefined || id === "") return layers;
  const before = layers.get(id);
  const totalBytes = progressDetail?.total ?? before?.totalBytes ?? 0;
  const whole = state === "verifying" || state === "done";
  const currentBytes = whole
    ? totalBytes
    : (progressDetail?.current ?? (state === "waiting" ? 0 : (before?.currentBytes ?? 0)));
  return new Map(layers).set(id, { id, state, currentBytes, totalBytes });
}

/** What the engine says went wrong, if this message says so: it comes in the stream, after an answer of 200. */
export function pullFailure({ error, errorDetail }: PullMessage): string | undefined {
  return errorDetail?.message ?? error;
}

/** Cuts a stream of JSON lines into messages; what is half there waits for its rest. */
export class JsonLines {
  #rest = "";
  readonly #decoder = new TextDecoder();

  add(chunk: Uint8Array): readonly PullMessage[] {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split("\n");
    this.#rest = lines.pop() ?? "";
    return lines.filter((line) => line.trim() !== "").map((line) => JSON.parse(line) as PullMessage);
  }
}
