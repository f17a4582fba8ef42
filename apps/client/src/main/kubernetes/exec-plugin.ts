// A program that the kubeconfig names for signing in (client.authentication.k8s.io): what it is, for the user to see, and running it once
// they have confirmed exactly that. The only place that starts a program because of a kubeconfig. Asked by `api.ts` through `sign-in.ts`.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { z } from "zod";
import { KubernetesError, shortened } from "./failure.ts";
import type { ClusterEntry, ExecConfig } from "./kubeconfig.ts";

const CREDENTIAL = z.object({
  kind: z.literal("ExecCredential"),
  status: z.object({
    expirationTimestamp: z.string().optional(),
    token: z.string().optional(),
    clientCertificateData: z.string().optional(),
    clientKeyData: z.string().optional(),
  }),
});

export interface Credential {
  readonly token?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  /** Infinity: none was named. */
  readonly expiresMs: number;
}

/** It may open the user's browser and wait for them. */
const LIMIT_MS = 180_000;
const OUTPUT_CHARS = 1_000_000;

/** Of all that decides what is run: another argument is another program. */
export function fingerprintOf({ command, args, env }: ExecConfig): string {
  const variables = env.map(({ name, value }) => [name, value]);
  return createHash("sha256")
    .update(JSON.stringify([command, args, variables]))
    .digest("hex");
}

/** `environment`: the application's own, which the plug-in finds its configuration by. */
export async function runPlugin(
  exec: ExecConfig,
  cluster: ClusterEntry,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Credential> {
  const { command, args, env } = exec;
  if (exec.interactiveMode === "Always") throw new KubernetesError("plugin-terminal", { command });
  const own = Object.fromEntries(env.map(({ name, value }) => [name, value]));
  const info = JSON.stringify(execInfo(exec, cluster));
  const output = await outputOf(exec, args, { ...environment, ...own, KUBERNETES_EXEC_INFO: info });
  let value: unknown;
  try {
    value = JSON.parse(output);
  } catch {
    // Not shown: it may hold half of a token.
    throw new KubernetesError("plugin-failed", { command, output: "no JSON" });
  }
  const read = CREDENTIAL.safeParse(value);
  if (!read.success) throw new KubernetesError("plugin-failed", { command, output: "no ExecCredential" });
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } = read.data.status;
  if (token === undefined && clientCertificateData === undefined) {
    throw new KubernetesError("plugin-failed", { command, output: "no token, no certificate" });
  }
  const expiresMs = Date.parse(expirationTimestamp ?? "");
  return {
    token,
    certificate: clientCertificateData,
    key: clientKeyData,
    expiresMs: Number.isNaN(expiresMs) ? Number.POSITIVE_INFINITY : expiresMs,
  };
}

function execInfo({ apiVersion, provideClusterInfo }: ExecConfig, cluster: ClusterEntry): object {
  const spec = {
    interactive: false,
    ...(provideClusterInfo && {
      cluster: {
        server: cluster.server,
        "tls-server-name": cluster["tls-server-name"],
        "insecure-skip-tls-verify": cluster["insecure-skip-tls-verify"],
        "certificate-authority-data": cluster["certificate-authority-data"],
        "proxy-url": cluster["proxy-url"],
      },
    }),
  };
  return { apiVersion, kind: "ExecCredential", spec };
}

function outputOf(
  { command, installHint }: ExecConfig,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env,
      stdio: ["ignore", "pipe", "pipe"],
      windowsHide: true,
      timeout: LIMIT_MS,
    });
    let output = "";
    let complaint = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      output += piece;
      if (output.length > OUTPUT_CHARS) child.kill();
    });
    child.stderr.setEncoding("utf8").on("data", (piece: string) => {
      complaint = (complaint + piece).slice(-4000);
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      const isMissing = error.code === "ENOENT" || error.code === "EACCES";
      const parameters = { command, hint: shortened(installHint ?? ""), output: error.code ?? error.message };
      reject(new KubernetesError(isMissing ? "plugin-missing" : "plugin-failed", parameters));
    });
    child.on("close", (code, signal) => {
      if (code === 0) resolve(output);
      else
        reject(new KubernetesError("plugin-failed", { command, output: shortened(complaint) || `${code ?? signal}` }));
    });
  });
}
