// `pnpm bench`: every figure of BENCHMARKS.md, by one command. Options: `--help`. Starts bench.ts with the tree's own
// Node, which runs TypeScript as it is.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const own = fileURLToPath(new URL("../../.tools/node_modules/.bin/node", import.meta.url));
const node = existsSync(own) ? own : process.execPath;
const bench = fileURLToPath(new URL("bench.ts", import.meta.url));
const { status, error } = spawnSync(node, [bench, ...process.argv.slice(2)], { stdio: "inherit" });
if (error !== undefined) throw error;
process.exitCode = status ?? 1;
