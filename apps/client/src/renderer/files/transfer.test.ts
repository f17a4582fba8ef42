// Against an HTTP server that breaks off where a test says so.

import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { REPR_DIGEST, UPLOAD_COMPLETE, UPLOAD_OFFSET } from "@eglantine/protocol/transfer";
import { afterEach, expect, test } from "vitest";
import { RunningDigest } from "./digest.ts";
import { discard, downloadBlob, TransferFailure, type TransferTarget, upload } from "./transfer.ts";

const BYTES = randomBytes(9_000_000);
let server: Server;

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<TransferTarget> {
  server = createServer(answer);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return { pageUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/desk/`, ticket: "t1" };
}

test("a download that breaks off goes on where it was", async () => {
  const asked: unknown[] = [];
  const target = await serve((request, response) => {
    asked.push([request.url, request.headers.authorization, request.headers.range, request.headers["if-range"]]);
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    response.writeHead(from === 0 ? 200 : 206, {
      "content-type": "image/png",
      "content-length": BYTES.length - from,
      etag: '"e"',
    });
    if (asked.length > 1) response.end(BYTES.subarray(from));
    else response.write(BYTES.subarray(0, 4_000_000), () => response.destroy());
  });
  const progress: number[] = [];
  const blob = await downloadBlob(target, "transfer/x/y", { onProgress: (bytes) => progress.push(bytes) });
  expect(Buffer.from(await blob.arrayBuffer()).equals(BYTES)).toBe(true);
  expect(blob.type).toBe("image/png");
  expect(asked[0]).toEqual(["/desk/transfer/x/y", "Bearer t1", undefined, undefined]);
  expect(asked[1]).toEqual(["/desk/transfer/x/y", "Bearer t1", expect.stringMatching(/^bytes=[1-9]\d*-$/), '"e"']);
  expect(progress.at(-1)).toBe(BYTES.length);
});

test("a download that has become another one fails in words", async () => {
  let asked = 0;
  const target = await serve((_request, response) => {
    asked += 1;
    response.writeHead(200, { "content-length": 100, etag: `"${asked}"` });
    response.write("x".repeat(50), () => response.destroy());
  });
  await expect(downloadBlob(target, "transfer/x")).rejects.toThrow("changed-meanwhile");
});

test("an upload that breaks off goes on where the agent says", async () => {
  const got: Buffer[] = [];
  let broken = false;
  const pieces: unknown[] = [];
  const target = await serve((request, response) => {
    const have = () => got.reduce((sum, { length }) => sum + length, 0);
    if (request.method === "HEAD") {
      response.writeHead(204, { [UPLOAD_OFFSET]: have() }).end();
      return;
    }
    pieces.push([request.headers[UPLOAD_OFFSET.toLowerCase()], request.headers[UPLOAD_COMPLETE.toLowerCase()]]);
    request.on("data", (chunk: Buffer) => {
      if (request.destroyed) return;
      got.push(chunk);
      if (broken || have() < 5_000_000) return;
      broken = true;
      request.destroy();
    });
    request.on("end", () => response.writeHead(204, { [UPLOAD_OFFSET]: have() }).end());
  });
  await upload(target, "transfer/x", new Blob([BYTES]));
  expect(Buffer.concat(got).equals(BYTES)).toBe(true);
  expect(broken).toBe(true);
  expect(pieces[0]).toEqual(["0", "?0"]);
  expect(pieces.at(-1)).toEqual([expect.any(String), "?1"]);
});

test("an empty upload is one piece", async () => {
  const pieces: unknown[] = [];
  const target = await serve((request, response) => {
    pieces.push(request.headers[UPLOAD_COMPLETE.toLowerCase()]);
    response.writeHead(204, { [UPLOAD_OFFSET]: 0 }).end();
  });
  await upload(target, "transfer/x", new Blob([]));
  expect(pieces).toEqual(["?1"]);
});

test("what the agent refuses is told in its words", async () => {
  const target = await serve((_request, response) => {
    response.writeHead(413).end("It is too large.\n");
  });
  await expect(upload(target, "transfer/x", new Blob(["x"]))).rejects.toEqual(
    new TransferFailure("It is too large.", 413),
  );
  await expect(downloadBlob(target, "transfer/x")).rejects.toEqual(new TransferFailure("It is too large.", 413));
});

test("who gives up is obeyed at once", async () => {
  const target = await serve((_request, response) => {
    response.writeHead(200, { "content-length": 100 });
    response.write("x");
  });
  const giveUp = new AbortController();
  const fetched = downloadBlob(target, "transfer/x", { signal: giveUp.signal, onProgress: () => giveUp.abort() });
  await expect(fetched).rejects.toMatchObject({ name: "AbortError" });
});

test("an upload of which some came in another session goes on there, and ends with the digest of the whole", async () => {
  const asked: unknown[] = [];
  const target = await serve((request, response) => {
    const { [UPLOAD_OFFSET.toLowerCase()]: offset, [REPR_DIGEST.toLowerCase()]: digest } = request.headers;
    asked.push([request.method, offset, digest]);
    let [bytes, at] = [0, Number(offset ?? 5_000_000)];
    request.on("data", (chunk: Buffer) => (bytes += chunk.length));
    request.on("end", () => response.writeHead(204, { [UPLOAD_OFFSET]: (at += bytes) }).end());
  });
  await upload(target, "transfer/x", new Blob([BYTES]), { resumes: true, digest: new RunningDigest() });
  const digest = createHash("sha256").update(BYTES).digest("base64");
  expect(asked).toEqual([
    ["HEAD", undefined, undefined],
    ["PUT", "5000000", `sha-256=:${digest}:`],
  ]);
  await discard(target, "transfer/x");
  expect(asked.at(-1)).toEqual(["DELETE", undefined, undefined]);
});
