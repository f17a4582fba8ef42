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
 * What `src/renderer/main.ts` fetches at once comes with the page. So does the interface, behind it, but it is evaluated when it is
 * needed. Other chunks, noVNC among them, come when they are wanted.
 */
const preload: Plugin = {
  name: "preload-chunks",
  apply: "build",
  transformIndexHtml: {
    order: "post",
    handler: (html, { bundle }) => {
      const chunks = Object.values(bundle ?? {}).filter((file) => file.type === "chunk");
      const link = (fileName: string, priority: "auto" | "low") => ({
        tag: "link",
        attrs: { rel: "modulepreload", crossorigin: true, fetchpriority: priority, href: `./${fileName}` },
        injectTo: "head" as const,
      });
      const named = (name: string) => chunks.filter((chunk) => chunk.isDynamicEntry && chunk.name === name);
      const wanted = named("page").flatMap((chunk) => [chunk.fileName, ...chunk.imports]);
      // Vite has named those of `main.ts` itself.
      const atOnce = wanted.filter((fileName) => !html.includes(fileName));
      return [
        ...atOnce.map((fileName) => link(fileName, "auto")),
        ...named("mount").map(({ fileName }) => link(fileName, "low")),
      ];
    },
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
