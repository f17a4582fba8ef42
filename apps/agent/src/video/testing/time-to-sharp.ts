// How long text that appears after full motion takes to be as sharp as nobody tells from the screen, on a link of the default
// maximum rate and of others: `node apps/agent/src/video/testing/time-to-sharp.ts`; its table is in BENCHMARKS.md.

import { startXvnc } from "../../testing/xvnc.ts";
import type { Chroma } from "../types.ts";
import { openViewer } from "./native-viewer.ts";
import { Painter } from "./painter.ts";
import { decodeLast, psnrDb, screenPlanes } from "./picture.ts";

const SHARP_DB = { "420": 45, "444": 50 } as const;
const LINK_MS = 500;
const RATES_BPS = process.argv.length > 2 ? process.argv.slice(2).map((mbit) => Number(mbit) * 1e6) : [32e6];
const CHROMAS: readonly Chroma[] = ["420", "444"];
const PICTURES = ["page", "dense text"] as const;

process.stdout.write(
  "| size | chroma | Mbit/s | picture | dB after 500 ms | ms until sharp | of these the link alone | kB until sharp | CPU ms |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
);
for (const [widthPx, heightPx] of [
  [1280, 720],
  [1920, 1080],
] as const) {
  const server = await startXvnc("", `${widthPx}x${heightPx}`);
  const painter = new Painter(server.display);
  for (const bitrateBps of RATES_BPS) {
    for (const chroma of CHROMAS) {
      for (const picture of PICTURES) {
        const viewer = openViewer({ display: server.display, chroma444: chroma === "444", bitrateBps });
        const { recorder } = viewer;
        await recorder.unit((unit) => unit.keyframe);
        await recorder.silence();
        await painter.paint(`move 0 0 ${widthPx} ${heightPx} 60 60`);
        const changedUs = await painter.paint(picture === "page" ? `page 0 0 ${widthPx} ${heightPx} 3` : "text 3");
        const startUs = process.cpuUsage();
        await recorder.silence();
        const { user, system } = process.cpuUsage(startUs);
        const { units } = recorder;
        const screen = screenPlanes(server.display, widthPx, heightPx, chroma);
        const keyframe = units.findLastIndex((unit) => unit.keyframe);
        const lumaDb = (last: number): number => psnrDb(decodeLast(units.slice(keyframe, last + 1)).y, screen.y);

        // Each picture sets out when it is coded, and when the one before has arrived.
        let arrivedUs = changedUs;
        let bytes = 0;
        const way = units.map(({ receivedUs, data }) => {
          if (receivedUs <= changedUs) return { arrivedUs: changedUs, bytes };
          arrivedUs = Math.max(arrivedUs, receivedUs) + (data.length * 8e6) / bitrateBps;
          bytes += data.length;
          return { arrivedUs, bytes };
        });
        const after = lumaDb(way.findLastIndex((step) => step.arrivedUs <= changedUs + LINK_MS * 1000));
        let from = units.findIndex(({ receivedUs }) => receivedUs > changedUs);
        let to = units.length - 1;
        const isSharp = (last: number): boolean => lumaDb(last) >= SHARP_DB[chroma];
        const ever = isSharp(to);
        if (!ever) from = to;
        while (from < to) {
          const middle = (from + to) >> 1;
          if (isSharp(middle)) to = middle;
          else from = middle + 1;
        }
        const sharp = ever ? way[to] : undefined;
        const cells = [
          `${widthPx}×${heightPx}`,
          chroma === "444" ? "4:4:4" : "4:2:0",
          bitrateBps / 1e6,
          picture,
          after.toFixed(1),
          sharp ? Math.round((sharp.arrivedUs - changedUs) / 1000) : "never",
          sharp ? Math.round((sharp.bytes * 8000) / bitrateBps) : "never",
          sharp ? Math.round(sharp.bytes / 1000) : "–",
          Math.round((user + system) / 1000),
        ];
        process.stdout.write(`| ${cells.join(" | ")} |\n`);
        await viewer.close();
      }
    }
  }
  await painter.close();
  await server.close();
}
