// Builds the native add-on (binding.gyp) into build/Release/eglantine.node. Needs no network: the headers of Node come
// with Node. What has not changed is not compiled again.

import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const besideNode = dirname(dirname(process.execPath));
const nodeDir = existsSync(join(besideNode, "include/node/common.gypi")) ? besideNode : "/usr";
const gyp = join(dirname(require.resolve("node-gyp/package.json")), "bin/node-gyp.js");

function run(...steps) {
  const result = spawnSync(process.execPath, [gyp, ...steps, "--jobs=2", "--loglevel=warn"], {
    cwd: here,
    stdio: "inherit",
    // Not as a flag: a nodedir of the user's npm configuration, which comes by the environment, would count before it.
    env: { ...process.env, npm_config_nodedir: nodeDir, PATH: `${dirname(process.execPath)}:${process.env.PATH}` },
  });
  if (result.error) throw result.error;
  if (result.status !== 0) process.exit(result.status ?? 1);
}

// `build` alone repeats nothing; `configure` only where its outcome may be another one.
const recipe = join(here, "binding.gyp");
/** As it was configured last. */
const configured = join(here, "build/binding.gyp");
const text = (path) => (existsSync(path) ? readFileSync(path, "utf8") : "");
if (!existsSync(join(here, "build/Makefile")) || text(configured) !== text(recipe)) {
  run("configure");
  copyFileSync(recipe, configured);
}
run("build");
