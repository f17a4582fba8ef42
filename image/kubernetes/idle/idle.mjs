// Stops desktops that nobody watches: run every few minutes by the CronJob of idle.yaml, with that one's rights. A Deployment with the
// annotation `eglantine.desktop/idle-minutes: "60"` is scaled to none when /health has said "no viewer" for that long.
// Since when is kept in an annotation of the Deployment; starting again is `kubectl scale deployment/NAME --replicas=1`.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const MINUTES = "eglantine.desktop/idle-minutes";
const SINCE = "eglantine.desktop/idle-since";
const STOPPED = "eglantine.desktop/stopped-at";
const LIMIT_MS = 10_000;

/**
 * What becomes of a Deployment, as a merge patch; undefined: nothing.
 * @param {{ annotations: Readonly<Record<string, string>>, replicas: number }} deployment
 * @param {number | undefined} viewers undefined when it does not answer, which is no idleness: it may just be starting
 * @param {number} nowMs
 */
export function nextOf({ annotations, replicas }, viewers, nowMs) {
  const minutes = Number(annotations[MINUTES] ?? "0");
  const since = annotations[SINCE];
  if (!(minutes > 0) || replicas === 0 || viewers !== 0) {
    return since === undefined ? undefined : { metadata: { annotations: { [SINCE]: null } } };
  }
  const now = new Date(nowMs).toISOString();
  const sinceMs = Date.parse(since ?? "");
  // One that somebody wrote there by hand and that is no time begins anew.
  if (Number.isNaN(sinceMs)) return { metadata: { annotations: { [SINCE]: now } } };
  if (nowMs - sinceMs < minutes * 60_000) return undefined;
  return { metadata: { annotations: { [SINCE]: null, [STOPPED]: now } }, spec: { replicas: 0 } };
}

/** @param {string} account folder of the service account: `token` and `namespace` */
async function run(account) {
  const read = (/** @type {string} */ name) => readFileSync(`${account}/${name}`, "utf8").trim();
  const { KUBERNETES_SERVICE_HOST: host = "kubernetes.default.svc", KUBERNETES_SERVICE_PORT: port = "443" } =
    process.env;
  const server = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const namespace = read("namespace");

  /** @param {string} path @param {{ method?: string, body?: string, headers?: Record<string, string> }} [init] */
  const ask = (path, { headers, ...init } = {}) =>
    fetch(`${server}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${read("token")}`, ...headers },
      signal: AbortSignal.timeout(LIMIT_MS),
    });

  /** @returns {Promise<number | undefined>} */
  const viewersOf = async (/** @type {string} */ name, /** @type {string} */ scheme) => {
    try {
      const answer = await ask(`/api/v1/namespaces/${namespace}/services/${scheme}:${name}:http/proxy/health`);
      const { viewers } = answer.ok ? await answer.json() : {};
      return typeof viewers === "number" ? viewers : undefined;
    } catch (error) {
      console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  };

  const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const list = await ask(`${deployments}?labelSelector=app.kubernetes.io%2Fname%3Deglantine`);
  if (!list.ok) throw new Error(`the API server refuses the list of Deployments: ${list.status} ${await list.text()}`);
  for (const { metadata, spec } of (await list.json()).items) {
    const { name, resourceVersion, annotations = {} } = metadata;
    if (annotations[MINUTES] === undefined && annotations[SINCE] === undefined) continue;
    const probe = spec.template.spec.containers[0].readinessProbe?.httpGet;
    const scheme = probe?.scheme === "HTTPS" ? "https" : "http";
    const viewers = spec.replicas === 0 ? undefined : await viewersOf(name, scheme);
    const patch = nextOf({ annotations, replicas: spec.replicas }, viewers, Date.now());
    if (patch === undefined) continue;
    // With its version: what somebody changed meanwhile is looked at the next time.
    const body = JSON.stringify({ ...patch, metadata: { ...patch.metadata, resourceVersion } });
    const type = { "content-type": "application/merge-patch+json" };
    const done = await ask(`${deployments}/${name}`, { method: "PATCH", headers: type, body });
    console.log(`${name}: ${viewers ?? "unknown"} viewers, ${JSON.stringify(patch)}: ${done.status}`);
    if (!done.ok && done.status !== 409) process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await run(process.argv[2] ?? "/var/run/secrets/kubernetes.io/serviceaccount");
}
