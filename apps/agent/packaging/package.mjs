// The agent without the image, for a Linux machine with an X display of its own: a .deb that carries its Node (deb.mjs) and an npm
// package (npm.mjs), from what `pnpm build` left in dist/. `node packaging/package.mjs [deb] [npm] [--out FOLDER]`; prints what it made.

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { packDeb } from "./deb.mjs";
import { packNpm } from "./npm.mjs";

const agent = fileURLToPath(new URL("..", import.meta.url));
const { values, positionals } = parseArgs({ allowPositionals: true, options: { out: { type: "string" } } });
const kinds = positionals.length > 0 ? positionals : ["deb", "npm"];
const out = resolve(values.out ?? join(agent, "dist/packages"));

for (const file of ["dist/main.js", "dist/eglantine.node", "dist/client/index.html"]) {
  if (!existsSync(join(agent, file))) throw new Error(`apps/agent/${file} is not built: pnpm build`);
}
mkdirSync(out, { recursive: true });
const { version } = JSON.parse(readFileSync(join(agent, "package.json"), "utf8"));
for (const kind of kinds) {
  if (kind === "deb") console.log(packDeb({ agent, out, version }));
  else if (kind === "npm") console.log(packNpm({ agent, out, version }));
  else throw new Error(`"${kind}" is neither deb nor npm`);
}
