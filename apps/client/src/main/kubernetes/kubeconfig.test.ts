// Kubeconfig files: merged as kubectl merges them, and what is said of those that are broken.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { stringify } from "yaml";
import { contextNamed, kubeconfigFiles, readKubeconfig } from "./kubeconfig.ts";
import { failureOf } from "./testing/kubernetes-bench.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "egl-kubeconfig-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, content: object | string): string => {
  const file = join(folder, name);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, typeof content === "string" ? content : stringify(content));
  return file;
};
const config = (name: string, { server = `https://${name}:6443`, user = {}, context = {} } = {}) => ({
  apiVersion: "v1",
  kind: "Config",
  clusters: [{ name, cluster: { server } }],
  users: [{ name, user }],
  contexts: [{ name, context: { cluster: name, user: name, ...context } }],
});

test("the file in the user's home, or those of KUBECONFIG in their order", () => {
  expect(kubeconfigFiles(undefined, "/home/dev")).toEqual([join("/home/dev", ".kube", "config")]);
  expect(kubeconfigFiles("", "/home/dev")).toEqual([join("/home/dev", ".kube", "config")]);
  expect(kubeconfigFiles(["/a", "", "/b"].join(delimiter), "/home/dev")).toEqual(["/a", "/b"]);
});

test("several files: the first to name a thing wins, one that is missing is passed over", async () => {
  const a = write("a", { ...config("one", { user: { token: "first" } }), "current-context": "" });
  const b = write("b", {
    ...config("one", { server: "https://other", user: { token: "second" }, context: { namespace: "other" } }),
    "current-context": "two",
  });
  const c = write("c", { ...config("two", { context: { namespace: "desks" } }), "current-context": "one" });
  const read = await readKubeconfig([a, join(folder, "missing"), b, c]);
  expect(read.files).toEqual([a, b, c]);
  expect(read.current).toBe("two");
  expect([...read.contexts.keys()]).toEqual(["one", "two"]);
  expect(contextNamed(read, "one")).toMatchObject({
    namespace: "default",
    cluster: { server: "https://one:6443" },
    user: { token: "first" },
  });
  expect(contextNamed(read, "two").namespace).toBe("desks");
});

test("paths are relative to the file that names them, a plug-in's too unless PATH has it", async () => {
  const file = write("deep/config", {
    ...config("one"),
    clusters: [{ name: "one", cluster: { server: "https://one", "certificate-authority": "ca.pem" } }],
    users: [
      {
        name: "one",
        user: { "client-certificate": "../cert.pem", tokenFile: "/run/token", exec: { command: "./login" } },
      },
      { name: "two", user: { exec: { command: "kubelogin" } } },
    ],
  });
  const read = await readKubeconfig([file]);
  expect(contextNamed(read, "one")).toMatchObject({
    cluster: { "certificate-authority": join(folder, "deep/ca.pem") },
    user: {
      "client-certificate": join(folder, "cert.pem"),
      tokenFile: "/run/token",
      exec: { command: join(folder, "deep/login") },
    },
  });
  expect(read.users.get("two")?.exec?.command).toBe("kubelogin");
});

test("no file at all", async () => {
  const files = [join(folder, "a"), join(folder, "b")];
  expect(await failureOf(readKubeconfig(files))).toEqual({
    reason: "no-kubeconfig",
    parameters: { files: files.join(", ") },
  });
});

test.each([
  ["a tab where YAML wants blanks", "clusters:\n\t- name: a", /line 2/],
  ["a word where a list belongs", "clusters: none", /clusters: .*array/],
  ["a cluster without a server", stringify({ clusters: [{ name: "a", cluster: {} }] }), /clusters\.0\.cluster\.server/],
  [
    "an argument that is no text",
    stringify({ users: [{ name: "a", user: { exec: { command: "x", args: [1] } } }] }),
    /args/,
  ],
  ["a plain sentence", "this is no kubeconfig", /object/],
])("a broken file says where: %s", async (_what, content, where) => {
  const file = write("config", content);
  const { reason, parameters } = await failureOf(readKubeconfig([file]));
  expect(reason).toBe("bad-kubeconfig");
  expect(parameters["file"]).toBe(file);
  expect(parameters["problem"]).toMatch(where);
});

test("what is said of a broken file shows nothing of a token in it", async () => {
  const file = write("config", "users:\n- name: a\n  user:\n    token: hunter2: x\n");
  expect(JSON.stringify(await failureOf(readKubeconfig([file])))).not.toContain("hunter2");
});

test("a file that may not be read, and one that is a folder", async () => {
  mkdirSync(join(folder, "config"));
  expect(await failureOf(readKubeconfig([join(folder, "config")]))).toMatchObject({
    reason: "bad-kubeconfig",
    parameters: { problem: "EISDIR" },
  });
});

test("a context that is not there, or whose cluster is not there", async () => {
  const file = write("config", { contexts: [{ name: "a", context: { cluster: "gone", user: "" } }] });
  const read = await readKubeconfig([file]);
  expect(() => contextNamed(read, "a")).toThrow("no-context");
  expect(() => contextNamed(read, "b")).toThrow("no-context");
});

test("an empty file is a kubeconfig without contexts", async () => {
  expect((await readKubeconfig([write("config", "")])).contexts.size).toBe(0);
});
