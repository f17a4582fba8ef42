// Plugs monitors into Xvnc: RFB's SetDesktopSize with several screens makes an output of RandR of each (VNC-0, VNC-1, …), and unplugs the
// others. RFC 6143, and the community's "ExtendedDesktopSize". Over a connection of its own to the X server's Unix socket, for one change.
// Called by `monitors.ts`.

import { connect, type Socket } from "node:net";
import { randomInt } from "node:crypto";
import type { Screen } from "../input/types.ts";
import type { Region } from "../video/types.ts";

/** A screen as the X server lists it, in the order of the outputs that are on. */
interface RfbScreen {
  readonly id: number;
  readonly region: Region;
}

const ANSWER_MS = 5000;
const VERSION = "RFB 003.008\n";
const SECURITY_NONE = 1;
const SHARED = 1;
const EXTENDED_DESKTOP_SIZE = -308;
/** Messages of a client and of a server. */
const SET_ENCODINGS = 2;
const UPDATE_REQUEST = 3;
const SET_DESKTOP_SIZE = 251;
const UPDATE = 0;
const BELL = 2;
const CUT_TEXT = 3;
/** Of an ExtendedDesktopSize: why it comes, and what came of it. */
const OWN_CHANGE = 1;
const REFUSALS: Readonly<Record<number, string>> = {
  1: "the X server lets nobody change its monitors",
  2: "the X server has no memory for so large a desktop",
  3: "the X server can't arrange monitors of these sizes",
};

/**
 * `regions`: what the desktop is to have, each with the index of the monitor, among those that are on, that it is now; one without an
 * index is plugged in. Rejects with a sentence.
 */
export async function layOut(
  socketPath: string,
  regions: readonly { readonly region: Region; readonly now: number | undefined }[],
): Promise<void> {
  const socket = connect({ path: socketPath });
  try {
    const reader = new Reader(socket);
    const { bytesPerPixel } = await greet(socket, reader);
    const screens = await screensOf(socket, reader, bytesPerPixel);
    const taken = new Set(screens.map(({ id }) => id));
    const wanted = regions.map(({ region, now }) => ({
      region,
      id: (now === undefined ? undefined : screens[now]?.id) ?? freshId(taken),
    }));
    for (const step of stepsTo(wanted, screens)) {
      // Xvnc answers nobody who does not wait for a picture.
      socket.write(Buffer.concat([setDesktopSize(step), updateRequest(true)]));
      const status = await answer(reader, bytesPerPixel);
      if (status !== 0) throw new Error(REFUSALS[status] ?? `the X server refuses these monitors (${status})`);
    }
  } finally {
    socket.destroy();
  }
}

interface Step {
  readonly screens: readonly RfbScreen[];
  readonly size: Screen;
}

/**
 * Xvnc stumbles over a screen that is beyond the edge of a desktop that shrinks, even if it is to go elsewhere: first go those that are
 * unplugged, then everybody to his place on a desktop that has room for both, then it shrinks.
 */
function stepsTo(wanted: readonly RfbScreen[], now: readonly RfbScreen[]): readonly Step[] {
  const [size, before] = [extent(wanted), extent(now)];
  const room = {
    widthPx: Math.max(size.widthPx, before.widthPx),
    heightPx: Math.max(size.heightPx, before.heightPx),
  };
  const stay = now.filter(({ id }) => wanted.some((screen) => screen.id === id));
  const shrinks = room.widthPx > size.widthPx || room.heightPx > size.heightPx;
  return [
    ...(stay.length > 0 && stay.length < now.length ? [{ screens: stay, size: before }] : []),
    { screens: wanted, size: room },
    ...(shrinks ? [{ screens: wanted, size }] : []),
  ];
}

function extent(screens: readonly RfbScreen[]): Screen {
  return {
    widthPx: Math.max(1, ...screens.map(({ region }) => region.xPx + region.widthPx)),
    heightPx: Math.max(1, ...screens.map(({ region }) => region.yPx + region.heightPx)),
  };
}

/** Up to the server's description of itself. */
async function greet(socket: Socket, reader: Reader): Promise<{ readonly bytesPerPixel: number }> {
  await reader.take(VERSION.length);
  socket.write(VERSION);
  const types = await reader.take(await reader.byte());
  if (!types.includes(SECURITY_NONE)) throw new Error("the X server asks for a password over RFB");
  socket.write(Buffer.from([SECURITY_NONE]));
  if ((await reader.take(4)).readUInt32BE(0) !== 0) throw new Error("the X server lets nobody in over RFB");
  socket.write(Buffer.from([SHARED]));
  const head = await reader.take(24);
  await reader.take(head.readUInt32BE(20));
  return { bytesPerPixel: head.readUInt8(4) / 8 };
}

/** They are told to whoever asks for a picture, here of one pixel. */
async function screensOf(socket: Socket, reader: Reader, bytesPerPixel: number): Promise<readonly RfbScreen[]> {
  const encodings = Buffer.alloc(8);
  encodings.writeUInt8(SET_ENCODINGS, 0);
  encodings.writeUInt16BE(1, 2);
  encodings.writeInt32BE(EXTENDED_DESKTOP_SIZE, 4);
  socket.write(Buffer.concat([encodings, updateRequest(false)]));
  return (await extendedSize(reader, bytesPerPixel, () => true)).screens;
}

function updateRequest(incremental: boolean): Buffer {
  const request = Buffer.alloc(10);
  request.writeUInt8(UPDATE_REQUEST, 0);
  request.writeUInt8(incremental ? 1 : 0, 1);
  request.writeUInt16BE(1, 6);
  request.writeUInt16BE(1, 8);
  return request;
}

async function answer(reader: Reader, bytesPerPixel: number): Promise<number> {
  return (await extendedSize(reader, bytesPerPixel, ({ why }) => why === OWN_CHANGE)).status;
}

interface ExtendedSize {
  readonly why: number;
  readonly status: number;
  readonly screens: readonly RfbScreen[];
}

async function extendedSize(
  reader: Reader,
  bytesPerPixel: number,
  fits: (one: ExtendedSize) => boolean,
): Promise<ExtendedSize> {
  for (;;) {
    const type = await reader.byte();
    if (type === CUT_TEXT) {
      await reader.take(3);
      await reader.take(Math.abs((await reader.take(4)).readInt32BE(0)));
    } else if (type !== BELL && type !== UPDATE) {
      throw new Error(`the X server said something unknown over RFB (${type})`);
    }
    if (type !== UPDATE) continue;
    const count = (await reader.take(3)).readUInt16BE(1);
    let found: ExtendedSize | undefined;
    for (let index = 0; index < count; index += 1) {
      const rectangle = await reader.take(12);
      const encoding = rectangle.readInt32BE(8);
      if (encoding === 0) {
        await reader.take(rectangle.readUInt16BE(4) * rectangle.readUInt16BE(6) * bytesPerPixel);
        continue;
      }
      if (encoding !== EXTENDED_DESKTOP_SIZE) throw new Error("the X server knows no monitors over RFB");
      const screens: RfbScreen[] = [];
      const listed = (await reader.take(4)).readUInt8(0);
      for (let at = 0; at < listed; at += 1) screens.push(readScreen(await reader.take(16)));
      const one = { why: rectangle.readUInt16BE(0), status: rectangle.readUInt16BE(2), screens };
      if (fits(one)) found = one;
    }
    if (found !== undefined) return found;
  }
}

function readScreen(bytes: Buffer): RfbScreen {
  const [xPx = 0, yPx = 0, widthPx = 0, heightPx = 0] = [4, 6, 8, 10].map((at) => bytes.readUInt16BE(at));
  return { id: bytes.readUInt32BE(0), region: { xPx, yPx, widthPx, heightPx } };
}

function setDesktopSize({ screens, size }: Step): Buffer {
  const message = Buffer.alloc(8 + screens.length * 16);
  message.writeUInt8(SET_DESKTOP_SIZE, 0);
  message.writeUInt16BE(size.widthPx, 2);
  message.writeUInt16BE(size.heightPx, 4);
  message.writeUInt8(screens.length, 6);
  for (const [index, { id, region }] of screens.entries()) {
    const at = 8 + index * 16;
    message.writeUInt32BE(id, at);
    message.writeUInt16BE(region.xPx, at + 4);
    message.writeUInt16BE(region.yPx, at + 6);
    message.writeUInt16BE(region.widthPx, at + 8);
    message.writeUInt16BE(region.heightPx, at + 10);
  }
  return message;
}

function freshId(taken: Set<number>): number {
  let id = randomInt(1, 2 ** 32);
  while (taken.has(id)) id = randomInt(1, 2 ** 32);
  taken.add(id);
  return id;
}

/** Bytes of a socket, as many as are asked for, in time. */
class Reader {
  readonly #chunks: Buffer[] = [];
  readonly #lateMs = performance.now() + ANSWER_MS;
  #bytes = 0;
  #lost: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    socket.on("data", (data) => {
      this.#chunks.push(data);
      this.#bytes += data.length;
      this.#wake?.();
    });
    const lose = (why: string): void => {
      this.#lost ??= new Error(why);
      this.#wake?.();
    };
    socket.on("error", (error) => lose(`the X server's RFB socket can't be used: ${error.message}`));
    socket.on("close", () => lose("the X server closed its RFB connection"));
  }

  async byte(): Promise<number> {
    return (await this.take(1)).readUInt8(0);
  }

  async take(count: number): Promise<Buffer> {
    while (this.#bytes < count) {
      if (this.#lost !== undefined) throw this.#lost;
      await this.#more();
    }
    const all = Buffer.concat(this.#chunks);
    this.#chunks.splice(0, this.#chunks.length, all.subarray(count));
    this.#bytes -= count;
    return all.subarray(0, count);
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      const late = setTimeout(
        () => {
          this.#lost ??= new Error("the X server did not answer over RFB");
          resolve();
        },
        Math.max(0, this.#lateMs - performance.now()),
      );
      this.#wake = () => {
        clearTimeout(late);
        resolve();
      };
    });
  }
}
