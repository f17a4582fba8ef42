// What an engine tells while it fetches, and what it counts of a container: messages and counters as Docker and Podman send them.

import { expect, it } from "vitest";
import { addPullMessage, JsonLines, type Layers, type PullMessage, pullFailure } from "./pull-progress.ts";
import { splitReference, withoutFrames } from "./engine-answers.ts";
import { registryOf } from "./registry-login.ts";
import { readGpuTable, readStats } from "./stats.ts";

const fold = (messages: readonly PullMessage[]) => messages.reduce<Layers>(addPullMessage, new Map());

it("follows a layer from the first word to the last byte", () => {
  const id = "549941ceecba";
  const downloading = [
    { status: "Pulling fs layer", id, progressDetail: {} },
    { status: "Downloading", id, progressDetail: { current: 1000, total: 4000 } },
  ];
  expect(fold(downloading).get(id)).toEqual({ id, state: "downloading", currentBytes: 1000, totalBytes: 4000 });
  const done = [
    ...downloading,
    { status: "Download complete", id },
    { status: "Extracting", id, progressDetail: { current: 2000, total: 4000 } },
  ];
  expect(fold(done).get(id)).toMatchObject({ state: "extracting", currentBytes: 2000 });
  expect(fold([...done, { status: "Pull complete", id }]).get(id)).toMatchObject({ state: "done", currentBytes: 4000 });
});

it("takes a layer that the engine has already for done, and words without a layer for none", () => {
  expect(fold([{ status: "Already exists", id: "a" }]).get("a")).toMatchObject({ state: "done" });
  expect(fold([{ status: "Pulling from eglantine", id: "latest" }, { status: "Digest: sha256:1" }]).size).toBe(0);
});

it("puts lines together that come in pieces, and characters too", () => {
  const lines = new JsonLines();
  const bytes = new TextEncoder().encode('{"status":"Ölbild"}\r\n\r\n{"error":"unexpected EOF"}\n');
  const messages = [...bytes].flatMap((byte) => lines.add(Uint8Array.of(byte)));
  expect(messages).toEqual([{ status: "Ölbild" }, { error: "unexpected EOF" }]);
  expect(messages.map(pullFailure)).toEqual([undefined, "unexpected EOF"]);
});

it("counts processors and memory as docker stats does, of both kinds of control groups", () => {
  const cpu = (total: number, system: number) => ({
    cpu_usage: { total_usage: total },
    system_cpu_usage: system,
    online_cpus: 4,
  });
  const stats = {
    cpu_stats: cpu(3e9, 20e9),
    precpu_stats: cpu(1e9, 12e9),
    memory_stats: { usage: 500, limit: 1000, stats: { inactive_file: 100 } },
  };
  expect(readStats(stats)).toEqual({ cpuPercent: 100, memoryBytes: 400, memoryLimitBytes: 1000 });
  expect(
    readStats({ ...stats, memory_stats: { usage: 500, limit: 1000, stats: { total_inactive_file: 200 } } }).memoryBytes,
  ).toBe(300);
  expect(readStats({})).toEqual({ cpuPercent: 0, memoryBytes: 0, memoryLimitBytes: 0 });
});

it("reads nvidia-smi's table, and nothing else for one", () => {
  expect(readGpuTable("30, 2048, 8192\n50, 0, 8192\n")).toEqual({
    percent: 40,
    memoryBytes: 2048 * 1024 ** 2,
    memoryTotalBytes: 16384 * 1024 ** 2,
  });
  expect(readGpuTable("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.")).toBeUndefined();
  expect(readGpuTable("[N/A], 1, 2")).toBeUndefined();
  expect(readGpuTable("")).toBeUndefined();
});

it("takes output out of its frames, and leaves that of a terminal as it is", () => {
  const frame = (text: string) =>
    Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, Buffer.byteLength(text)]), Buffer.from(text)]);
  expect(withoutFrames(Buffer.concat([frame("one\n"), frame("two\n")]))).toBe("one\ntwo\n");
  expect(withoutFrames(Buffer.from("plain words\n"))).toBe("plain words\n");
  expect(withoutFrames(Buffer.alloc(0))).toBe("");
});

it.each([
  ["eglantine", ["eglantine", "latest"], "https://index.docker.io/v1/"],
  ["eglantine:full", ["eglantine", "full"], "https://index.docker.io/v1/"],
  ["localhost:5000/eglantine", ["localhost:5000/eglantine", "latest"], "localhost:5000"],
  ["ghcr.io/a/b:1", ["ghcr.io/a/b", "1"], "ghcr.io"],
  ["a/b@sha256:12", ["a/b", "sha256:12"], "https://index.docker.io/v1/"],
])("reads the image %s", (image, parts, registry) => {
  expect(splitReference(image)).toEqual(parts);
  expect(registryOf(image)).toBe(registry);
});
