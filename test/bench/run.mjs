// `pnpm bench`: every figure of BENCHMARKS.md, by one command; `--help` names the options. Installs and builds what is
// not there yet, as `npm test` does, then starts bench.ts with the tree's own Node, which runs TypeScript as it is.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { InstallError, install } from "../../image/local/install.mjs";

const bench = fileURLToPath(new URL("bench.ts", import.meta.url));
const args = process.argv.slice(2);
const builds = !["--as-built", "--report", "--help"].some((option) => args.includes(option));

try {
  const { node, env } = builds
    ? install({ groups: ["session", "build", "test"] })
    : { node: process.execPath, env: process.env };
  const child = spawn(node, [bench, ...args], { stdio: "inherit", env });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code) => {
    process.exitCode = code ?? 1;
  });
} catch (error) {
  if (!(error instanceof InstallError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
