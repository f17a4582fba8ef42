// The contract of a cluster: what the other files here need of one, without the library. Implemented by `api.ts`.

import type { Duplex } from "node:stream";

export interface Question {
  readonly query?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Rejects where a plug-in would be run to sign in: it may ask the user. */
  readonly quiet?: boolean;
}

export interface PodPort {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/** One kubeconfig context. Everything rejects with KubernetesError. */
export interface Cluster {
  readonly context: string;
  /** What the context names, else "default". */
  readonly namespace: string;
  read(path: string, question?: Question): Promise<unknown>;
  readText(path: string, question?: Question): Promise<string>;
  create(path: string, body: object, question?: Question): Promise<unknown>;
  /** A merge patch (RFC 7386). */
  patch(path: string, body: object, question?: Question): Promise<unknown>;
  remove(path: string, body: object, question?: Question): Promise<unknown>;
  /** Until the API server ends it, which it does every few minutes, or the signal. */
  watch(
    path: string,
    query: Readonly<Record<string, string>>,
    seen: (type: string, object: unknown) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Joins this stream to a Pod's port. Resolves once it is joined; the stream is destroyed when the way breaks. */
  forward(target: PodPort, stream: Duplex): Promise<void>;
}
