// Pages that open while addresses of the machine come and go, as when containers start beside them or a VPN is joined: Chromium breaks off everything that
// it is just opening (net::ERR_NETWORK_CHANGED).

import { execFileSync } from "node:child_process";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { PageBench } from "../../apps/client/src/renderer/testing/page-bench.ts";
import { namespaceRefusal } from "./namespace.ts";

const refusal = namespaceRefusal();
/** A pair of interfaces that leads nowhere; 15 characters at most. */
const NEAR = `egl${process.pid}a`;
const FAR = `egl${process.pid}b`;
/** For documentation: RFC 3849. */
const ADDRESS = "2001:db8:e91a::1/64";
const EVERY_MS = 150;
const BROKEN = "net::ERR_NETWORK_CHANGED";

let bench: PageBench;
let timer: NodeJS.Timeout | undefined;
const ip = (...args: readonly string[]) => execFileSync("ip", args, { stdio: ["ignore", "ignore", "pipe"] });
const removePair = (): void => {
  clearInterval(timer);
  try {
    ip("link", "delete", NEAR);
  } catch {
    // There is none.
  }
};

describe.skipIf(refusal !== undefined)(
  `while addresses come and go${refusal === undefined ? "" : ` (skipped: ${refusal})`}`,
  () => {
    beforeAll(async () => {
      bench = await PageBench.start();
      process.once("exit", removePair);
      ip("link", "add", NEAR, "type", "veth", "peer", "name", FAR);
      ip("link", "set", FAR, "up");
      ip("link", "set", NEAR, "up");
      let there = false;
      timer = setInterval(() => {
        // Without duplicate address detection, which takes two seconds.
        ip("-6", "address", there ? "delete" : "add", ADDRESS, "dev", NEAR, ...(there ? [] : ["nodad"]));
        there = !there;
      }, EVERY_MS);
    });
    afterEach(() => bench.closeAll());
    afterAll(async () => {
      removePair();
      process.off("exit", removePair);
      await bench?.close();
    });

    const OUTCOMES: readonly [string, string | undefined, (page: Page) => Promise<unknown>][] = [
      ["the user is asked for the password", "right", (page) => page.getByTestId("connect-form").waitFor()],
      [
        "the picture comes",
        undefined,
        (page) => page.waitForSelector("html[data-state=connected]", { state: "attached" }),
      ],
    ];
    test.each(OUTCOMES)("%s, also where it broke a load of the page", async (_title, password, outcome) => {
      let broken = 0;
      for (let loads = 0; broken < 3; loads += 1) {
        expect(loads, `loads, of which ${broken} were broken`).toBeLessThan(40);
        const agent = await bench.startAgent(password === undefined ? {} : { password }, password === undefined && {});
        const page = await bench.newPage();
        try {
          await page.goto(agent.url, { waitUntil: "commit" });
        } catch (error) {
          // Not even the page itself came: the browser says so.
          if (String(error).includes(BROKEN)) continue;
          throw error;
        }
        await outcome(page);
        if (bench.complaints.splice(0).some((text) => text.includes(BROKEN))) broken += 1;
        await bench.closeAll();
      }
    });
  },
);
