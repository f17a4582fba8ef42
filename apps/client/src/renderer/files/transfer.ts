// Bulk bytes from and to the agent, as protocol `transfer.ts` says: in pieces, so that a connection that breaks costs one of them, and memory stays
// flat. Goes on where it was when the network comes back, as long as the session lives. Used by `clipboard/` and `files/`.

import { REPR_DIGEST, UPLOAD_COMPLETE, UPLOAD_OFFSET } from "@eglantine/protocol/transfer";

import { logged, said, type Sentence } from "../messages/said.ts";
import type { RunningDigest } from "./digest.ts";

export interface TransferTarget {
  /** The agent's page. */
  readonly pageUrl: string;
  /** Of the session. */
  readonly ticket: string;
}

export interface TransferOptions {
  readonly signal?: AbortSignal;
  /** Bytes that have passed, of so many. */
  readonly onProgress?: (bytes: number, ofBytes: number) => void;
}

export interface DownloadOptions extends TransferOptions {
  /** What has come before, of the version with this etag. */
  readonly from?: { readonly bytes: number; readonly etag: string };
}

export interface UploadOptions extends TransferOptions {
  /** Some of it may have come before: the agent is asked first. */
  readonly resumes?: boolean;
  /** Of the same bytes; told with the last piece. */
  readonly digest?: RunningDigest;
}

/** It can't be had; the message is a sentence for the user. */
export class TransferFailure extends Error {
  override readonly name = "TransferFailure";
  /** Of HTTP; undefined: the agent can't be reached. */
  readonly status: number | undefined;

  /** For the user. */
  readonly sentence: Sentence;

  constructor(sentence: Sentence, status?: number) {
    super(logged(sentence));
    this.sentence = sentence;
    this.status = status;
  }
}

/** Of an upload, bytes. */
export const PIECE_BYTES = 4 * 1024 * 1024;
/** A network that does not answer is asked again after this, and then twice that; so often without a byte in between. */
const RETRY_MS = 500;
const RETRIES = 5;

/** Answered by the agent, with more to come. Undefined: the network broke. */
type Step = { readonly done: boolean } | undefined;

/** Hands over the bytes of an address as they come. */
export async function download(
  target: TransferTarget,
  path: string,
  take: (chunk: Uint8Array<ArrayBuffer>, etag: string) => void | Promise<void>,
  { signal, onProgress, from }: DownloadOptions = {},
): Promise<{ readonly type: string }> {
  let [received, etag, type] = [from?.bytes ?? 0, from?.etag ?? "", ""];
  await insist(
    signal,
    () => received,
    async () => {
      const resumes: Record<string, string> = received === 0 ? {} : { range: `bytes=${received}-`, "if-range": etag };
      const response = await ask(target, path, { headers: resumes }, signal);
      if (response === undefined) return undefined;
      if (received > 0 && response.status !== 206) throw new TransferFailure(said("notices", "changed-meanwhile"));
      const size = received + Number(response.headers.get("content-length") ?? 0);
      etag = response.headers.get("etag") ?? "";
      type = response.headers.get("content-type") ?? "";
      const reader = response.body?.getReader();
      for (;;) {
        const part = await unlessBroken(() => reader?.read());
        if (part === undefined) return undefined;
        if (part.done) return { done: received === size };
        received += part.value.byteLength;
        await take(part.value, etag);
        onProgress?.(received, size);
      }
    },
  );
  return { type };
}

/** All of it, in memory or where the browser keeps its blobs. */
export async function downloadBlob(target: TransferTarget, path: string, options: TransferOptions = {}): Promise<Blob> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const { type } = await download(target, path, (chunk) => void chunks.push(chunk), options);
  return new Blob(chunks, { type });
}

export async function upload(
  target: TransferTarget,
  path: string,
  blob: Blob,
  { signal, onProgress, resumes = false, digest }: UploadOptions = {},
): Promise<void> {
  let offset = 0;
  let known = !resumes;
  await insist(
    signal,
    () => offset,
    async () => {
      if (!known) {
        const said = await ask(target, path, { method: "HEAD" }, signal);
        if (said === undefined) return undefined;
        offset = offsetOf(said);
        onProgress?.(offset, blob.size);
      }
      const end = Math.min(blob.size, offset + PIECE_BYTES);
      known = false;
      await digest?.readTo(blob, end);
      const isLast = end === blob.size;
      const headers = {
        [UPLOAD_OFFSET]: String(offset),
        [UPLOAD_COMPLETE]: isLast ? "?1" : "?0",
        ...(digest !== undefined && isLast ? { [REPR_DIGEST]: `sha-256=:${digest.base64()}:` } : {}),
      };
      const response = await ask(target, path, { method: "PUT", headers, body: blob.slice(offset, end) }, signal);
      if (response === undefined) return undefined;
      offset = offsetOf(response);
      known = true;
      onProgress?.(offset, blob.size);
      return { done: offset === blob.size };
    },
  );
}

/** Lets the agent forget what has come of an upload. */
export async function discard(target: TransferTarget, path: string): Promise<void> {
  await ask(target, path, { method: "DELETE" }, undefined);
}

/** Steps until one is the last. One that the network broke is tried again, as long as something passes now and then. */
async function insist(signal: AbortSignal | undefined, passed: () => number, step: () => Promise<Step>): Promise<void> {
  for (let [tries, before] = [0, 0]; ; ) {
    const result = await step();
    if (result?.done === true) return;
    if (result !== undefined) continue;
    tries = passed() > before ? 0 : tries + 1;
    before = passed();
    if (tries > RETRIES) throw new TransferFailure(said("notices", "breaks-again"));
    await pause(RETRY_MS * 2 ** tries, signal);
  }
}

interface Asked {
  readonly method?: "HEAD" | "PUT" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Blob;
}

/** Undefined: the network broke. Throws TransferFailure for what the agent refuses. */
async function ask(
  { pageUrl, ticket }: TransferTarget,
  path: string,
  { headers, ...init }: Asked,
  signal: AbortSignal | undefined,
): Promise<Response | undefined> {
  const request = {
    ...init,
    headers: { ...headers, authorization: `Bearer ${ticket}` },
    cache: "no-store" as const,
    credentials: "omit" as const,
    ...(signal === undefined ? {} : { signal }),
  };
  const response = await unlessBroken(() => fetch(new URL(path, pageUrl), request));
  if (response === undefined || response.ok) return response;
  const told = (await unlessBroken(() => response.text()))?.trim();
  throw new TransferFailure(
    told === undefined || told === "" ? said("notices", "agent-answered", { status: String(response.status) }) : told,
    response.status,
  );
}

/** fetch says "the network broke" by a TypeError. */
async function unlessBroken<T>(act: () => Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

const offsetOf = (response: Response): number => Number(response.headers.get(UPLOAD_OFFSET) ?? 0);

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}
