// The application's icons in every format that a desktop wants, from the one drawing `src/renderer/public/mark.svg`: PNG for Linux,
// .ico for Windows, .icns for macOS, written to icons/. They are kept in the tree, since rsvg-convert (Debian: librsvg2-bin), which paints
// them, is not to be had wherever packages are made. `node packaging/icons.mjs`; read by electron-builder.yml.

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PNG } from "pngjs";

const CLIENT = fileURLToPath(new URL("..", import.meta.url));

/** freedesktop.org's icon theme: one folder a size. */
export const LINUX_SIZES_PX = [16, 24, 32, 48, 64, 128, 256, 512];
export const WINDOWS_SIZES_PX = [16, 24, 32, 48, 64, 256];

/** Type of an entry in an .icns file → pixels; "@2x" ones are those of half the size on a fine screen. */
export const MACOS_SIZES_PX = {
  icp4: 16,
  icp5: 32,
  ic11: 32,
  ic12: 64,
  ic07: 128,
  ic13: 256,
  ic08: 256,
  ic14: 512,
  ic09: 512,
  ic10: 1024,
};

/** The drawing as a picture of so many pixels, transparent around the flower. */
export function paint(/** @type {number} */ sizePx) {
  const argv = ["--format", "png", "--width", String(sizePx), "--height", String(sizePx)];
  const { error, status, stdout, stderr } = spawnSync("rsvg-convert", argv, {
    input: readFileSync(join(CLIENT, "src/renderer/public/mark.svg")),
    maxBuffer: 1 << 24,
  });
  if (error !== undefined) throw new Error(`rsvg-convert: ${error.message} (Debian package librsvg2-bin)`);
  if (status !== 0) throw new Error(`rsvg-convert: ${stderr.toString()}`);
  return PNG.sync.write(PNG.sync.read(stdout), { deflateLevel: 9 });
}

/** An .ico file. Small pictures are bitmaps, as Windows' own dialogs and NSIS want them; 256 pixels are a PNG. */
export function ico(/** @type {readonly Buffer[]} */ pictures) {
  const entries = pictures.map((png) => {
    const { width } = PNG.sync.read(png);
    return { width, data: width < 256 ? bitmap(png) : png };
  });
  const head = Buffer.alloc(6 + 16 * entries.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(entries.length, 4);
  let at = head.length;
  entries.forEach(({ width, data }, index) => {
    const entry = 6 + 16 * index;
    head.writeUInt8(width % 256, entry);
    head.writeUInt8(width % 256, entry + 1);
    head.writeUInt16LE(1, entry + 4);
    head.writeUInt16LE(32, entry + 6);
    head.writeUInt32LE(data.length, entry + 8);
    head.writeUInt32LE(at, entry + 12);
    at += data.length;
  });
  return Buffer.concat([head, ...entries.map(({ data }) => data)]);
}

/** BITMAPINFOHEADER, rows of BGRA from the last to the first, and an empty mask behind them: alpha says what is seen. */
function bitmap(/** @type {Buffer} */ png) {
  const { width, height, data } = PNG.sync.read(png);
  const mask = Math.ceil(width / 32) * 4 * height;
  const out = Buffer.alloc(40 + width * height * 4 + mask);
  out.writeUInt32LE(40, 0);
  out.writeInt32LE(width, 4);
  out.writeInt32LE(height * 2, 8);
  out.writeUInt16LE(1, 12);
  out.writeUInt16LE(32, 14);
  out.writeUInt32LE(width * height * 4 + mask, 20);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 4;
      const to = 40 + ((height - 1 - y) * width + x) * 4;
      for (const [channel, place] of [2, 1, 0, 3].entries()) out[to + channel] = data[from + place] ?? 0;
    }
  }
  return out;
}

/** An .icns file: a list of PNG, each behind its type and length. */
export function icns(/** @type {ReadonlyMap<string, Buffer>} */ pictures) {
  const parts = [...pictures].map(([type, png]) => {
    const head = Buffer.alloc(8);
    head.write(type, "latin1");
    head.writeUInt32BE(8 + png.length, 4);
    return Buffer.concat([head, png]);
  });
  const head = Buffer.alloc(8);
  head.write("icns", "latin1");
  head.writeUInt32BE(8 + parts.reduce((sum, part) => sum + part.length, 0), 4);
  return Buffer.concat([head, ...parts]);
}

/** @param {string} folder */
function writeIcons(folder) {
  /** @param {string} name @param {Buffer} data */
  const write = (name, data) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), data);
  };
  for (const sizePx of LINUX_SIZES_PX) write(`linux/${sizePx}x${sizePx}.png`, paint(sizePx));
  write("eglantine.ico", ico(WINDOWS_SIZES_PX.map((sizePx) => paint(sizePx))));
  write("eglantine.icns", icns(new Map(Object.entries(MACOS_SIZES_PX).map(([type, sizePx]) => [type, paint(sizePx)]))));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeIcons(join(CLIENT, "icons"));
