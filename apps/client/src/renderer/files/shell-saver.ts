// Where a file from the desktop is put in the application: the shell writes it, into a temporary folder of its own (`main/copied-files.ts`). A saver like
// those of `saver.ts`, for `copied-here.ts`.

import type { Bridge } from "../../shared/bridge.ts";
import type { Saver } from "./saver.ts";
import { messageOf } from "../../shared/message-of.ts";

/** Passed over at a time, bytes. */
const PIECE_BYTES = 4e6;

export function shellSaver(bridge: Pick<Bridge, "storeFile">, set: string, names: readonly string[]): Saver {
  let [chunks, gathered, offsetBytes, begun]: [Uint8Array[], number, number, boolean] = [[], 0, 0, false];
  const pass = async (): Promise<void> => {
    const bytes = joined(chunks, gathered);
    [chunks, gathered, begun] = [[], 0, true];
    try {
      await bridge.storeFile({ set, names, offsetBytes, bytes });
    } catch (error) {
      // What this computer refuses is told as browsers tell it.
      throw new DOMException(messageOf(error), "NotAllowedError");
    }
    offsetBytes += bytes.length;
  };
  return {
    write: async (chunk) => {
      chunks.push(chunk);
      gathered += chunk.byteLength;
      if (gathered >= PIECE_BYTES) await pass();
    },
    finish: async () => {
      if (!begun || gathered > 0) await pass();
    },
    abort: () => {
      // The set goes as a whole.
      chunks = [];
      return Promise.resolve();
    },
  };
}

function joined(chunks: readonly Uint8Array[], bytes: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
