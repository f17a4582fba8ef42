// Builds dist/main.js, one file, and puts what it needs beside it: the native add-on and the client page, where built.

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const dist = join(here, "dist");
const native = join(here, "native/build/Release");
const client = join(here, "../client/dist/renderer");
/** Files that the browser waits for and that brotli makes much smaller. */
const COMPRESSED = /\.(js|css|html|svg|json|wasm)$/;
const COMPRESS_FROM_BYTES = 1024;

mkdirSync(dist, { recursive: true });
await build({
  entryPoints: [join(here, "src/main.ts")],
  outfile: join(dist, "main.js"),
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  sourcemap: "linked",
  // A native module: it is loaded from node_modules.
  external: ["node-datachannel"],
  // A program by itself, as npm installs it. The CommonJS packages in the bundle ask for Node's own modules.
  banner: {
    js: '#!/usr/bin/env node\nimport { createRequire as nodeRequire } from "node:module";\nconst require = nodeRequire(import.meta.url);',
  },
  logLevel: "warning",
});
// The add-on, and the encoders' modules that it opens from beside itself.
for (const name of existsSync(native) ? readdirSync(native) : []) {
  if (/^eglantine(-\w+)?\.node$/.test(name)) cpSync(join(native, name), join(dist, name));
}
if (existsSync(client)) {
  rmSync(join(dist, "client"), { recursive: true, force: true });
  cpSync(client, join(dist, "client"), { recursive: true });
  for (const name of readdirSync(join(dist, "client"), { recursive: true })) {
    const file = join(dist, "client", String(name));
    if (!COMPRESSED.test(file)) continue;
    const body = readFileSync(file);
    if (body.length >= COMPRESS_FROM_BYTES) writeFileSync(`${file}.br`, brotliCompressSync(body));
  }
}
