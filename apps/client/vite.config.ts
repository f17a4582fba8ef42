// Builds the renderer: src/renderer → dist/renderer, served by the agent and by the Electron shell alike.
// All addresses are relative, so that it works below any path. The policy is written into the built page; the
// development server needs inline scripts and does without.

import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { CONTENT_SECURITY_POLICY } from "./src/shared/policy.ts";

const policy: Plugin = {
  name: "content-security-policy",
  apply: "build",
  transformIndexHtml: () => [
    {
      tag: "meta",
      attrs: { "http-equiv": "Content-Security-Policy", content: CONTENT_SECURITY_POLICY },
      injectTo: "head-prepend",
    },
  ],
};

/**
 * The interface is fetched with the page, but evaluated when it is needed (`src/renderer/main.ts`). Other chunks, noVNC among
 * them, come when they are wanted.
 */
const preload: Plugin = {
  name: "preload-interface",
  apply: "build",
  transformIndexHtml: {
    order: "post",
    handler: (_html, { bundle }) =>
      Object.values(bundle ?? {})
        .filter((file) => file.type === "chunk" && file.isDynamicEntry && file.name === "mount")
        .map(({ fileName }) => ({
          tag: "link",
          attrs: { rel: "modulepreload", crossorigin: true, fetchpriority: "low", href: `./${fileName}` },
          injectTo: "head",
        })),
  },
};

export default defineConfig({
  root: "src/renderer",
  base: "./",
  plugins: [react(), policy, preload],
  server: { host: "127.0.0.1" },
  build: {
    outDir: "../../dist/renderer",
    emptyOutDir: true,
    target: "es2023",
    sourcemap: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
