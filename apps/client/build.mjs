// Bundles the Electron shell: src/main → dist/main/main.js, src/preload → dist/preload/preload.cjs (a sandboxed preload can
// only be CommonJS). The renderer is Vite's (`vite.config.ts`). What went into a bundle is listed in dist/bundled, for the licences in
// the packages (`packaging/third-party.mjs`).

import { copyFileSync, cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

/** What dockerode has for SSH of its own and for builds: neither is used, and the first has native code. */
const LEFT_OUT = /^(ssh2|@grpc\/grpc-js|@grpc\/proto-loader|protobufjs)$/;
const leaveOut = {
  name: "leave-out",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: LEFT_OUT }, ({ path }) => ({ path, namespace: "left-out" }));
    onLoad({ filter: /.*/, namespace: "left-out" }, () => ({ contents: "module.exports = {};" }));
  },
};

const common = {
  bundle: true,
  platform: "node",
  target: "node24",
  external: ["electron"],
  legalComments: "none",
  metafile: true,
  plugins: [leaveOut],
};

/** Libraries of the older kind ask for Node's own modules by `require`, which a bundle of the newer kind lacks. */
const REQUIRE = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

/** Names by which the shell shows itself: in the tray (on fine screens the one of twice the size), beside the pointer while files are dragged. */
const ICONS = { "tray.png": "24x24", "tray@2x.png": "48x48", "icon.png": "64x64" };

const bundles = {
  // What is imported only when it is needed is a file of its own: electron-updater is as large as the shell, the library of clusters much larger.
  main: {
    entryPoints: ["src/main/main.ts"],
    outdir: "dist/main",
    format: "esm",
    splitting: true,
    banner: { js: REQUIRE },
  },
  preload: { entryPoints: ["src/preload/preload.ts"], outfile: "dist/preload/preload.cjs", format: "cjs" },
};

rmSync("dist/main", { recursive: true, force: true });
mkdirSync("dist/bundled", { recursive: true });
for (const [name, bundle] of Object.entries(bundles)) {
  const { metafile } = await build({ ...common, ...bundle });
  const inputs = Object.keys(metafile.inputs).filter((path) => !path.startsWith("left-out:"));
  writeFileSync(`dist/bundled/${name}.json`, `${JSON.stringify(inputs, undefined, 2)}\n`);
}
for (const [name, size] of Object.entries(ICONS)) copyFileSync(`icons/linux/${size}.png`, `dist/main/${name}`);

// What a desktop on Kubernetes is made of (src/main/kubernetes/plan.ts).
for (const folder of ["base", "components", "idle"]) {
  cpSync(`../../image/kubernetes/${folder}`, `dist/main/kubernetes/${folder}`, { recursive: true });
}
