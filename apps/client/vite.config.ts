// Builds the renderer: src/renderer → dist/renderer, served by the agent and by the Electron shell alike.
// All addresses are relative, so that it works below any path. The policy is written into the built page; the
// development server needs inline scripts of its own and does without.

import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import react from "@vitejs/plugin-react";
import { build } from "esbuild";
import { defineConfig, type Plugin } from "vite";
import { messages } from "./messages-plugin.ts";
import { contentSecurityPolicy } from "./src/shared/policy.ts";

/** `src/renderer/reload.ts` is in the page itself, to run whatever else does not come; and the policy that allows it. */
const head: Plugin = {
  name: "head",
  async transformIndexHtml(html, { server }) {
    const { outputFiles } = await build({
      entryPoints: [join(import.meta.dirname, "src/renderer/reload.ts")],
      bundle: true,
      format: "iife",
      target: "es2023",
      charset: "utf8",
      minify: true,
      write: false,
    });
    const reload = (outputFiles[0]?.text ?? "").trim();
    const content = contentSecurityPolicy(createHash("sha256").update(reload).digest("base64"));
    const policy = { "http-equiv": "Content-Security-Policy", content };
    return {
      // Behind what tells the encoding, before all that is fetched.
      html: html.replace("</title>", (title) => `${title}\n    <script>${reload}</script>`),
      tags: server === undefined ? [{ tag: "meta", attrs: policy, injectTo: "head-prepend" }] : [],
    };
  },
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
        ...named("mount")
          .flatMap(({ fileName, imports }) => [fileName, ...imports])
          .filter((fileName) => !atOnce.includes(fileName) && !html.includes(fileName))
          .map((fileName) => link(fileName, "low")),
      ];
    },
  },
};

/** Leaves a list of what it took in, for the licences in the packages: `packaging/third-party.mjs`. Workers are bundles of their own. */
function listBundled(name: "renderer" | "workers"): Plugin {
  const modules = new Set<string>();
  return {
    name: `list-bundled-${name}`,
    apply: "build",
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
      // Those that begin with a null are the bundler's own.
      const ids = chunks.flatMap(({ moduleIds }) => moduleIds).filter((id) => !id.startsWith("\0"));
      for (const id of ids) modules.add(relative(import.meta.dirname, id.replace(/\?.*$/, "")));
      mkdirSync("dist/bundled", { recursive: true });
      writeFileSync(`dist/bundled/${name}.json`, `${JSON.stringify([...modules].sort(), undefined, 2)}\n`);
    },
  };
}

export default defineConfig({
  root: "src/renderer",
  base: "./",
  plugins: [react(), messages, head, preload, listBundled("renderer")],
  worker: { plugins: () => [listBundled("workers")] },
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
