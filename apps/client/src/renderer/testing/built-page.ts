// The page as it is built, in a folder of its own. Used by `page-bench.ts` and by test/harness/shell-page.ts.

import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const CLIENT = fileURLToPath(new URL("../../..", import.meta.url));

/** Its folder, to be removed by the caller. */
export async function builtPage(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "eglantine-page-"));
  const configFile = join(CLIENT, "vite.config.ts");
  await build({ configFile, root: join(CLIENT, "src/renderer"), logLevel: "error", build: { outDir: folder } });
  return folder;
}
