// The Docker CLI's contexts, as it keeps them below ~/.docker: names, addresses, TLS files. Read anew each time: they are the user's, and change.
// Used by `engines.ts` (which are there) and `connection.ts` (how to reach one).

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

export interface DockerContext {
  readonly name: string;
  /** As DOCKER_HOST has it. */
  readonly host: string;
  readonly skipTlsVerify: boolean;
  /** Folder with ca.pem, cert.pem and key.pem, where there is one. */
  readonly tls?: string;
}

const JSON_MAX_CHARS = 1_000_000;

async function readJson(path: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const text = await readFile(path, "utf8");
    const value: unknown = text.length > JSON_MAX_CHARS ? undefined : JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    // Not there, not ours to read, or damaged: the CLI's own matter.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code !== undefined) return undefined;
    throw error;
  }
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

/** Of this folder (~/.docker), in the order of their names; what is damaged is left out. */
export async function readContexts(folder: string): Promise<readonly DockerContext[]> {
  const meta = join(folder, "contexts", "meta");
  const found: DockerContext[] = [];
  for (const entry of existsSync(meta) ? await readdir(meta) : []) {
    const context = await readJson(join(meta, entry, "meta.json"));
    const name = context?.["Name"];
    const { Host: host, SkipTLSVerify: skip } = fieldsOf(fieldsOf(context?.["Endpoints"])["docker"]);
    if (typeof name !== "string" || typeof host !== "string") continue;
    const tls = join(folder, "contexts", "tls", createHash("sha256").update(name).digest("hex"), "docker");
    found.push({ name, host, skipTlsVerify: skip === true, ...(existsSync(tls) ? { tls } : {}) });
  }
  return found.sort((a, b) => a.name.localeCompare(b.name));
}

/** The context that the CLI uses, by its file; undefined: its default. */
export async function readCurrentContext(folder: string): Promise<string | undefined> {
  const name = (await readJson(join(folder, "config.json")))?.["currentContext"];
  return typeof name === "string" && name !== "" && name !== "default" ? name : undefined;
}
