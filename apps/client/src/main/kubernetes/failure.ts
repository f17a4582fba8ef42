// What can go wrong with a cluster, as a reason of the closed list of `shared/kubernetes.ts`. PURE: from what the API server or the
// network said to that reason. Thrown by `api.ts` and its users, answered to the page by `answers.ts`.

import type { KubernetesFailure, KubernetesReason } from "../../shared/kubernetes.ts";

export class KubernetesError extends Error {
  readonly failure: KubernetesFailure;

  constructor(reason: KubernetesReason, parameters: Readonly<Record<string, string>> = {}) {
    super(`${reason} ${JSON.stringify(parameters)}`);
    this.name = "KubernetesError";
    this.failure = { reason, parameters };
  }
}

/** What was asked of the API server. */
export interface Asked {
  readonly server: string;
  readonly context: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** The API server's `Status` object, as far as it is read. */
export interface ApiStatus {
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly kind?: string; readonly name?: string };
}

const FORBIDDEN = /User "([^"]*)" cannot (\S+) resource "([^"]*)"/;
/** Enough for a sentence of the API server's, not for a page of a proxy's. */
const MESSAGE_CHARS = 600;

export const shortened = (text: string): string =>
  text.length <= MESSAGE_CHARS ? text.trim() : `${text.slice(0, MESSAGE_CHARS).trim()} …`;

/** For an answer that is not 2xx. */
export function failureOfStatus(code: number, status: ApiStatus, asked: Asked): KubernetesError {
  const problem = shortened(status.message ?? "");
  const { server, context, namespace = "", name = status.details?.name ?? "" } = asked;
  if (code === 401) return new KubernetesError("unauthorized", { context });
  if (code === 403) {
    if (problem.includes("exceeded quota")) return new KubernetesError("quota", { problem });
    if (problem.includes("violates PodSecurity")) return new KubernetesError("pod-security", { problem });
    const [, user = "", verb = "", resource = ""] = FORBIDDEN.exec(problem) ?? [];
    if (verb === "") return new KubernetesError("invalid", { problem });
    return new KubernetesError("forbidden", { user, verb, resource, namespace });
  }
  if (code === 404) {
    if (status.details?.kind === "namespaces") return new KubernetesError("no-namespace", { namespace });
    return new KubernetesError("gone", { name });
  }
  if (code === 409) {
    if (status.reason === "AlreadyExists") {
      return new KubernetesError("name-taken", { name, kind: status.details?.kind ?? "" });
    }
    return new KubernetesError("changed", { name });
  }
  if (code === 400 || code === 422) return new KubernetesError("invalid", { problem });
  return new KubernetesError("cluster-failed", { server, status: String(code), problem });
}

const CERTIFICATE =
  /CERT|SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|ERR_TLS_CERT|HOSTNAME_MISMATCH|certificate|ERR_SSL|EPROTO/;

/** For a request that never had an answer. */
export function failureOfNetwork(error: unknown, { server }: Asked): KubernetesError {
  if (error instanceof KubernetesError) return error;
  // undici's "fetch failed" says why in its cause, and several addresses that were tried each in `errors`.
  const causes = withCauses(error);
  const known = causes.find((cause) => cause instanceof KubernetesError);
  if (known instanceof KubernetesError) return known;
  const words = causes.map(wordsOf);
  if (causes.some(isAbort)) return new KubernetesError("canceled");
  const problem = shortened(words.at(-1) ?? "");
  if (words.some((text) => CERTIFICATE.test(text))) return new KubernetesError("certificate", { server, problem });
  return new KubernetesError("unreachable", { server, problem });
}

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";

function withCauses(error: unknown): unknown[] {
  const causes: unknown[] = [];
  for (let next: unknown = error; next !== undefined && next !== null && causes.length < 8; ) {
    causes.push(next);
    const { cause, errors, error: inner } = next as { cause?: unknown; errors?: unknown[]; error?: unknown };
    next = cause ?? errors?.[0] ?? inner;
  }
  return causes;
}

function wordsOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const text = typeof message === "string" ? message : "";
  return typeof code === "string" && !text.includes(code) ? `${code} ${text}` : text;
}
