// Two projects: `unit` (beside the code, seconds) and `system` (real X servers, sessions, Chromium; one at a time).
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/**/*.test.ts", "apps/**/*.test.ts", "apps/**/*.test.tsx"],
          exclude: ["**/node_modules/**", "**/dist/**", "**/*.system.test.ts"],
          // None waits for a clock: only one that hangs takes so long, on a busy machine too.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "system",
          include: ["apps/**/*.system.test.ts", "image/**/*.test.ts", "test/**/*.test.ts"],
          exclude: ["**/node_modules/**", "**/dist/**"],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
