// Story: I see the desktop when I connect, even if nothing moves on it and my browser was late.

import { afterAll, beforeAll, expect, test } from "vitest";
import { Desktop } from "./desktop.ts";

let desktop: Desktop;

beforeAll(async () => {
  desktop = await Desktop.open();
});
afterAll(() => desktop?.close());

/** Lets the page attach its stream only when a picture was decoded: nobody saw that one, and a still desktop sends no other. */
function attachLate(): void {
  const property = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "srcObject");
  const decoded = async (): Promise<number> => {
    const peers = Reflect.get(globalThis, "eglantineTestPeers") as RTCPeerConnection[];
    for (const report of ((await peers.at(-1)?.getStats()) ?? new Map()).values()) {
      if (report.type === "inbound-rtp") return Number(report.framesDecoded ?? 0);
    }
    return 0;
  };
  Object.defineProperty(HTMLMediaElement.prototype, "srcObject", {
    ...property,
    set(this: HTMLMediaElement, stream: MediaStream | null) {
      const look = async (): Promise<void> => {
        const missed = await decoded();
        Reflect.set(globalThis, "eglantineTestMissed", missed);
        if (missed > 0) property?.set?.call(this, stream);
        else setTimeout(() => void look(), 20);
      };
      void look();
    },
  });
}

test("a picture that was decoded before the page could show it is asked for again", async () => {
  const viewer = await desktop.connect({ beforeClient: attachLate, query: { resize: "false" } });
  expect(await viewer.page.evaluate(() => Reflect.get(globalThis, "eglantineTestMissed"))).toBeGreaterThan(0);
  expect(await viewer.pictureSize()).toEqual({ widthPx: 1000, heightPx: 700 });
});
