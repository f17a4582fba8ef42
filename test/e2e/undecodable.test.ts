// Story: a picture is lost for good, those after it can't be decoded, and I hardly see it.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { WebSocketRoute } from "playwright-core";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { LossyLink, type Packet } from "../harness/desktop-page-link.ts";
import { Pattern } from "../harness/pattern.ts";
import { until } from "../harness/until.ts";
import { Desktop } from "./desktop.ts";

let desktop: Desktop;
let link: LossyLink;
let viewer: DesktopPage;
let pattern: Pattern;
/** Chromium asks by itself when it has decoded nothing for so long, ms. On a machine that is not busy the page needs a tenth of it. */
const BROWSER_ASKS_MS = 3000;
/** When the page asked for a whole picture because of one that it could not decode. */
const askedMs: number[] = [];

/** The link's route, with an ear at the page's control messages. */
function listening(route: WebSocketRoute): void {
  const onMessage = route.onMessage.bind(route);
  route.onMessage = (take) =>
    onMessage((frame) => {
      if (typeof frame === "string" && frame.includes('"undecodable"')) askedMs.push(performance.now());
      return take(frame);
    });
  link.route(route);
}

beforeAll(async () => {
  // Lost packets stay lost: nothing is coded again for them but a whole picture.
  desktop = await Desktop.open({ env: { EGLANTINE_PATHS: "webrtc" } });
  link = await LossyLink.open(desktop.port);
  viewer = await desktop.connect({ onWebSocket: listening });
  pattern = await Pattern.start(desktop.display);
});
afterAll(async () => {
  await pattern?.close();
  await link?.close();
  await desktop?.close();
});

test("a whole picture is asked for, before the browser would by itself", async () => {
  await pattern.show("move");
  const before = await viewer.framesPresented();
  await until("motion", async () => (await viewer.framesPresented()) > before + 60);
  // The meter looks once a second, and the watch begins with it.
  await until("a second of it", async () => (await viewer.framesPresented()) > before + 120);
  expect(askedMs).toEqual([]);

  const mediaSsrc = Number((await viewer.stats("inbound-rtp"))["ssrc"]);
  const first = new Set<number>();
  let lostMs = 0;
  // Six packets of the picture, and whatever would repair them.
  link.loses = ({ kind, from, ssrc, sequence }: Packet) => {
    if (kind !== "rtp" || from !== "agent") return false;
    if (lostMs === 0) lostMs = performance.now();
    if (ssrc !== mediaSsrc) return true;
    if (first.size < 6) first.add(sequence);
    return first.has(sequence);
  };
  await until("asking", () => askedMs.length > 0);
  expect((askedMs[0] ?? 0) - lostMs).toBeLessThan(BROWSER_ASKS_MS - 500);
  link.loses = () => false;
  const frozen = await viewer.framesPresented();
  await until("motion again", async () => (await viewer.framesPresented()) > frozen + 30);
});
