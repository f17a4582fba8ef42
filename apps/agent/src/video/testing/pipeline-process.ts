// A pipeline in a process of its own, for tests of what the dynamic linker finds. Arguments: display, encoder, chroma, formats. Prints one
// JSON object a line for whatever the pipeline says; does what it reads on standard input: "keyframe", "bitrate N",
// "close".

import { createInterface } from "node:readline";
import { FORMATS } from "@eglantine/protocol/formats";
import { createLog } from "../../log.ts";
import { createVideoPipeline } from "../pipeline.ts";

const [display = "", encoder = "", chroma = "420", formats = ""] = process.argv.slice(2);
const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);

const pipeline = createVideoPipeline(
  {
    display,
    encoder,
    formats: FORMATS.filter((format) => formats.split(",").includes(format)),
    chroma: chroma === "444" ? "444" : "420",
    framesPerSecond: 60,
    bitrateBps: 4_000_000,
  },
  {
    onAccessUnit: (unit) => say({ unit: unit.frame, keyframe: unit.keyframe, bytes: unit.data.length }),
    onSize: (widthPx, heightPx) => say({ size: `${widthPx}x${heightPx}` }),
    onEncoder: (choice) => say({ encoder: choice }),
    onCard: (reason) => say({ card: reason ?? null }),
    onFailed: (reason) => say({ failed: reason }),
  },
  createLog("silent"),
);

for await (const line of createInterface({ input: process.stdin })) {
  const [command, argument] = line.split(" ");
  if (command === "keyframe") pipeline.requestKeyframe();
  if (command === "bitrate") pipeline.setBitrateBps(Number(argument));
  if (command === "close") break;
}
await pipeline.close();
say({ closed: true });
