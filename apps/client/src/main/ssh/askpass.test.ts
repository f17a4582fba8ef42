import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Question } from "../../shared/questions.ts";
import { Askpass } from "./askpass.ts";
import { askpass as runProgram } from "./askpass-program.ts";

let folder: string;
let askpass: Askpass;
let asked: Question[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "egl-ask-"));
  asked = [];
  askpass = await Askpass.start({
    folder,
    program: ["/nowhere"],
    platform: process.platform,
    ask: (question) => {
      asked.push(question);
      return Promise.resolve({ secret: "open sesame" });
    },
    declined: () => undefined,
  });
});
afterEach(async () => {
  await askpass.close();
  rmSync(folder, { recursive: true });
});

it("brings a question of our own ssh to the user, and the answer back", async () => {
  const written: string[] = [];
  expect(await runProgram(askpass.environment, "ann@desk's password: ", (answer) => written.push(answer))).toBe(0);
  expect(written).toEqual(["open sesame\n"]);
  expect(asked).toEqual([{ kind: "ssh-password", account: "ann@desk", again: false }]);
});

it.each([
  ["another token", { EGLANTINE_ASKPASS_TOKEN: "0".repeat(64) }],
  ["no token", { EGLANTINE_ASKPASS_TOKEN: "" }],
])("asks nothing for whoever has %s", async (_what, other) => {
  const written: string[] = [];
  const code = await runProgram({ ...askpass.environment, ...other }, "password: ", (answer) => written.push(answer));
  expect([code, written, asked]).toEqual([1, [], []]);
});

it.each([["no JSON\n"], ["[]\n"], ["{}\n"], ["x".repeat(20_000)]])("asks nothing for %.20s", async (bytes) => {
  const socket = connect(askpass.environment["EGLANTINE_ASKPASS"] ?? "");
  socket.write(bytes);
  expect(await text(socket)).toBe("{}");
  expect(asked).toEqual([]);
});
