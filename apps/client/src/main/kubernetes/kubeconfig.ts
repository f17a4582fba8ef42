// Reads kubeconfig files as kubectl does: those of KUBECONFIG or ~/.kube/config, the first to name a thing wins, paths are relative to
// the file that they stand in. Nothing is run and no cluster asked. Goes to `contexts.ts` (what the user sees) and `api.ts`.

import { readFile, stat } from "node:fs/promises";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { KubernetesError } from "./failure.ts";

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);

const CLUSTER = z.object({
  server: z.string(),
  "certificate-authority": text,
  "certificate-authority-data": text,
  "insecure-skip-tls-verify": z
    .boolean()
    .nullish()
    .transform((value) => value ?? false),
  "tls-server-name": text,
  "proxy-url": text,
});

const EXEC = z.object({
  apiVersion: z.string().default("client.authentication.k8s.io/v1"),
  command: z.string().min(1),
  args: z
    .array(z.string())
    .nullish()
    .transform((value) => value ?? []),
  env: z
    .array(z.object({ name: z.string(), value: z.string() }))
    .nullish()
    .transform((value) => value ?? []),
  installHint: text,
  interactiveMode: text,
  provideClusterInfo: z
    .boolean()
    .nullish()
    .transform((value) => value ?? false),
});
export type ExecConfig = z.infer<typeof EXEC>;

const USER = z.object({
  "client-certificate": text,
  "client-certificate-data": text,
  "client-key": text,
  "client-key-data": text,
  token: text,
  tokenFile: text,
  username: text,
  password: text,
  as: text,
  exec: EXEC.nullish().transform((value) => value ?? undefined),
  "auth-provider": z
    .object({ name: z.string(), config: z.record(z.string(), z.unknown()).nullish() })
    .nullish()
    .transform((value) => value ?? undefined),
});

const CONTEXT = z.object({ cluster: z.string(), user: z.string().default(""), namespace: text });

const named = <T extends z.ZodType>(key: string, value: T) =>
  z
    .array(z.object({ name: z.string(), [key]: value }))
    .nullish()
    .transform((items) => (items ?? []) as { readonly name: string; readonly [key: string]: unknown }[]);

const FILE = z.object({
  clusters: named("cluster", CLUSTER),
  users: named(
    "user",
    USER.nullish().transform((value) => value ?? USER.parse({})),
  ),
  contexts: named("context", CONTEXT),
  "current-context": text,
});

export type ClusterEntry = z.infer<typeof CLUSTER>;
export type UserEntry = z.infer<typeof USER>;
export type ContextEntry = z.infer<typeof CONTEXT>;

export interface Kubeconfig {
  /** Those that are there. */
  readonly files: readonly string[];
  readonly clusters: ReadonlyMap<string, ClusterEntry>;
  readonly users: ReadonlyMap<string, UserEntry>;
  readonly contexts: ReadonlyMap<string, ContextEntry>;
  readonly current: string;
}

/** A context with what it names. */
export interface ContextChoice {
  readonly name: string;
  readonly namespace: string;
  readonly cluster: ClusterEntry;
  readonly userName: string;
  readonly user: UserEntry;
}

/** One of many clusters is some kilobytes. */
const FILE_BYTES_MAX = 4_000_000;

/** `KUBECONFIG` as it is set, else the file in the user's home. */
export const kubeconfigFiles = (variable: string | undefined, home: string): string[] =>
  variable ? variable.split(delimiter).filter((file) => file !== "") : [join(home, ".kube", "config")];

export async function readKubeconfig(files: readonly string[]): Promise<Kubeconfig> {
  const clusters = new Map<string, ClusterEntry>();
  const users = new Map<string, UserEntry>();
  const contexts = new Map<string, ContextEntry>();
  const found: string[] = [];
  let current = "";
  for (const file of files) {
    const content = await readOne(file);
    if (content === undefined) continue;
    found.push(file);
    const folder = dirname(file);
    for (const { name, cluster } of content.clusters) {
      if (!clusters.has(name)) clusters.set(name, inFolder(cluster as ClusterEntry, CLUSTER_PATHS, folder));
    }
    for (const { name, user } of content.users) {
      if (!users.has(name)) users.set(name, userInFolder(user as UserEntry, folder));
    }
    for (const { name, context } of content.contexts) {
      if (!contexts.has(name)) contexts.set(name, context as ContextEntry);
    }
    current ||= content["current-context"] ?? "";
  }
  if (found.length === 0) throw new KubernetesError("no-kubeconfig", { files: files.join(", ") });
  return { files: found, clusters, users, contexts, current };
}

/** Throws for a context that is not there, or names what is not there. */
export function contextNamed(config: Kubeconfig, name: string): ContextChoice {
  const context = config.contexts.get(name);
  const cluster = context && config.clusters.get(context.cluster);
  if (context === undefined || cluster === undefined) throw new KubernetesError("no-context", { context: name });
  const user = config.users.get(context.user) ?? USER.parse({});
  return { name, namespace: context.namespace || "default", cluster, userName: context.user, user };
}

async function readOne(file: string): Promise<z.infer<typeof FILE> | undefined> {
  let content: string;
  try {
    if ((await stat(file)).size > FILE_BYTES_MAX)
      throw new KubernetesError("bad-kubeconfig", { file, problem: "> 4 MB" });
    content = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof KubernetesError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    // As kubectl: a file of the list that is not there is passed over.
    if (code === "ENOENT") return undefined;
    throw new KubernetesError("bad-kubeconfig", { file, problem: code ?? message });
  }
  let value: unknown;
  try {
    value = parse(content) ?? {};
  } catch (error) {
    // Only its first line: what follows quotes the file, which holds tokens.
    const [problem = ""] = (error as Error).message.split("\n");
    throw new KubernetesError("bad-kubeconfig", { file, problem: problem.replace(/:$/, "") });
  }
  const read = FILE.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const problem = `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`;
  throw new KubernetesError("bad-kubeconfig", { file, problem });
}

const CLUSTER_PATHS = ["certificate-authority"] as const;
const USER_PATHS = ["client-certificate", "client-key", "tokenFile"] as const;

function inFolder<T extends object>(entry: T, paths: readonly (keyof T)[], folder: string): T {
  const resolved = { ...entry };
  for (const path of paths) {
    const value = entry[path];
    if (typeof value === "string" && value !== "" && !isAbsolute(value))
      resolved[path] = join(folder, value) as T[typeof path];
  }
  return resolved;
}

/** A plug-in's command is looked for on PATH unless it has a separator. */
function userInFolder(user: UserEntry, folder: string): UserEntry {
  const resolved = inFolder(user, USER_PATHS, folder);
  const { exec } = resolved;
  if (exec === undefined || isAbsolute(exec.command) || !/[/\\]/.test(exec.command)) return resolved;
  return { ...resolved, exec: { ...exec, command: join(folder, exec.command) } };
}
