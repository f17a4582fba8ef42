// Bundles the Electron shell: src/main → dist/main/main.js, src/preload → dist/preload/preload.cjs (a sandboxed preload can
// only be CommonJS). The renderer is Vite's (`vite.config.ts`).

import { build } from "esbuild";

const common = { bundle: true, platform: "node", target: "node24", external: ["electron"], legalComments: "none" };

await build({ ...common, entryPoints: ["src/main/main.ts"], outfile: "dist/main/main.js", format: "esm" });
await build({ ...common, entryPoints: ["src/preload/preload.ts"], outfile: "dist/preload/preload.cjs", format: "cjs" });
