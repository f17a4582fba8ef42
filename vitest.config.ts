// Three projects: `unit` (beside the code, seconds), `system` (real X servers, sessions, Chromium; one at a time), and `electron` (the application
// in Electron's runtime, where there is one: test/steps.mjs asks).
import { defineConfig } from "vitest/config";
import { messages } from "./apps/client/messages-plugin.ts";

const ELECTRON = "test/electron/electron.test.ts";
/** How long `expect.poll` asks again, as `until` does (test/harness/until.ts): one second is short on a machine that is busy. */
const POLL = { poll: { timeout: 20_000 } };

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [messages],
        test: {
          name: "unit",
          include: ["packages/**/*.test.ts", "apps/**/*.test.ts", "apps/**/*.test.tsx"],
          exclude: ["**/node_modules/**", "**/dist/**", "**/*.system.test.ts"],
          // None waits for a clock: only one that hangs takes so long, on a busy machine too.
          testTimeout: 60_000,
          expect: POLL,
        },
      },
      {
        test: {
          name: "system",
          include: ["apps/**/*.system.test.ts", "image/**/*.test.ts", "test/**/*.test.ts"],
          exclude: ["**/node_modules/**", "**/dist/**", ELECTRON],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          expect: POLL,
        },
      },
      { test: { name: "electron", include: [ELECTRON], testTimeout: 60_000, hookTimeout: 120_000, expect: POLL } },
    ],
  },
});
