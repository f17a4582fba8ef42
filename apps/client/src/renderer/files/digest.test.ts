import { createHash, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { RunningDigest } from "./digest.ts";

test("a file read piece by piece, and again from an earlier place, has the digest of the whole", async () => {
  const bytes = randomBytes(1_000_003);
  const blob = new Blob([bytes]);
  const digest = new RunningDigest();
  for (const end of [0, 300_000, 300_000, 100, 999_999, bytes.length, bytes.length]) await digest.readTo(blob, end);
  expect(digest.base64()).toBe(createHash("sha256").update(bytes).digest("base64"));
  expect(new RunningDigest().base64()).toBe(createHash("sha256").digest("base64"));
});
