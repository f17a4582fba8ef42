// Gamepads without any rights: each one is a few files and two Unix sockets in a folder of ours, which the library image/gamepad shows to
// the programs that it is loaded into as /dev/input and the rest (LD_PRELOAD, set by image/rootfs). From `gamepad-tier.ts`.

import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../errors.ts";
import { PAD_AT_REST, padValues } from "../input/gamepad.ts";
import { type ForceListener, type InputRecord, type PadBackend, type PadDevice, PadError } from "../input/pad-types.ts";
import { changesOf, createPadFile, updatePadFile } from "./pad-file.ts";
import { PadNode } from "./pad-node.ts";
import { createTree, describePad, listPad, nodesOf, physOf, unlistPad } from "./pad-tree.ts";

/** sockaddr_un's sun_path and the 0 behind it. */
const SOCKET_PATH_BYTES = 107;

/** Throws a PadError, in words, when there can't be such a folder. */
export function createInterposer(folder: string, why: string): PadBackend {
  if (Buffer.byteLength(join(folder, "input/event0")) > SOCKET_PATH_BYTES) {
    throw new PadError(`${folder} is too long for the path of a socket`);
  }
  try {
    createTree(folder);
  } catch (error) {
    throw new PadError(messageOf(error), { cause: error });
  }
  const described = new Set<number>();
  return {
    tier: "interposer",
    why,
    plug: (place, onForce) => {
      const pad = new InterposedPad(folder, place, onForce, described.has(place));
      described.add(place);
      return pad;
    },
    close: () => Promise.resolve(),
  };
}

class InterposedPad implements PadDevice {
  readonly #folder: string;
  readonly #place: number;
  readonly #file: Buffer;
  #fd: number | undefined;
  #nodes: PadNode[] = [];
  /** By type and code, all that it has. */
  readonly #values = new Map<string, InputRecord>();

  constructor(folder: string, place: number, onForce: ForceListener, described: boolean) {
    this.#folder = folder;
    this.#place = place;
    this.#file = createPadFile(physOf(place));
    this.#keep(padValues(PAD_AT_REST));
    try {
      this.#fd = openSync(this.#filePath, "w", 0o600);
      this.#save();
      if (!described) describePad(folder, place);
      listPad(folder, place);
      for (const { kind, name } of nodesOf(place)) {
        const [boundPath, path] = [join(folder, "node", name), join(folder, "input", name)];
        const state = () => [...this.#values.values()];
        const changes = () => changesOf(this.#file);
        this.#nodes.push(new PadNode({ kind, boundPath, path, state, changes, onForce }));
      }
    } catch (error) {
      this.close();
      throw error instanceof PadError ? error : new PadError(messageOf(error), { cause: error });
    }
  }

  write(records: readonly InputRecord[]): void {
    this.#keep(records);
    this.#save();
    for (const node of this.#nodes) node.write(records);
  }

  close(): void {
    for (const node of this.#nodes) node.close();
    this.#nodes = [];
    if (this.#fd === undefined) return;
    closeSync(this.#fd);
    this.#fd = undefined;
    unlistPad(this.#folder, this.#place);
    rmSync(this.#filePath, { force: true });
  }

  get #filePath(): string {
    return join(this.#folder, "pad", String(this.#place));
  }

  #keep(records: readonly InputRecord[]): void {
    for (const record of records) this.#values.set(`${record.type}.${record.code}`, record);
    updatePadFile(this.#file, records);
  }

  #save(): void {
    if (this.#fd !== undefined) writeSync(this.#fd, this.#file, 0, this.#file.length, 0);
  }
}
