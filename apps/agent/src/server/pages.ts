// The built client page in memory, by request path. Read once at start, so that no request ever names a file.
// Served by `http.ts`.

import { createHash } from "node:crypto";
import { type Dirent, readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { codeOf } from "../errors.ts";
import { contentSecurityPolicy } from "./policy.ts";

export type Encoding = "br" | "gzip" | "identity";

export interface Page {
  readonly type: string;
  readonly cacheControl: string;
  readonly etag: string;
  readonly bodies: ReadonlyMap<Encoding, Buffer>;
  readonly contentSecurityPolicy: string;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".wasm": "application/wasm",
};
/** Without attributes: such a script has its code in the page. */
const SCRIPTS = /<script>([^]*?)<\/script>/g;
const COMPRESSIBLE = /^text\/|json|svg|wasm/;
/** Vite's hashed names: their content never changes. */
const HASHED = /^\/assets\/.*-[\w-]{8,}\.\w+$/;
/** Below this the headers outweigh what compression saves. */
const COMPRESS_FROM_BYTES = 1024;
/** Quality at start; the build leaves .br files of quality 11 beside the large ones. */
const BROTLI_QUALITY = 5;

const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);

/** Pages by path; `/` is index.html. Empty where the directory is missing. */
export async function readPages(directory: string): Promise<ReadonlyMap<string, Page>> {
  const files = listFiles(directory);
  const pages = new Map<string, Page>();
  await Promise.all(
    files.map(async (file) => {
      const type = TYPES[extname(file)];
      if (type === undefined) return;
      const path = `/${relative(directory, file).split(sep).join("/")}`;
      const page = await pageOf(
        path,
        type,
        readFileSync(file),
        files.includes(`${file}.br`) ? `${file}.br` : undefined,
      );
      pages.set(path, page);
      if (path === "/index.html") pages.set("/", page);
    }),
  );
  return pages;
}

async function pageOf(path: string, type: string, body: Buffer, brotliFile: string | undefined): Promise<Page> {
  const bodies = new Map<Encoding, Buffer>([["identity", body]]);
  if (body.length >= COMPRESS_FROM_BYTES && COMPRESSIBLE.test(type)) {
    const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } };
    bodies.set("br", brotliFile === undefined ? await brotli(body, quality) : readFileSync(brotliFile));
    bodies.set("gzip", await gzipped(body));
  }
  const isHtml = type.startsWith("text/html");
  const cacheControl = HASHED.test(path) ? "public, max-age=31536000, immutable" : isHtml ? "no-store" : "no-cache";
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  const scripts = isHtml ? [...body.toString().matchAll(SCRIPTS)] : [];
  const hashes = scripts.map(([, code = ""]) => createHash("sha256").update(code).digest("base64"));
  return { type, cacheControl, etag, bodies, contentSecurityPolicy: contentSecurityPolicy(hashes) };
}

function listFiles(directory: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return [];
    throw error;
  }
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
