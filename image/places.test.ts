// The commands of README's "Run it", which nobody runs on each kind of machine: the files, the image, the ports and the options that they name
// are those that there are, and one image is meant everywhere.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { kustomize } from "../apps/client/src/main/kubernetes/kustomize.ts";
import { environmentProblems } from "./test/option-names.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const IMAGE = "eglantine:full";
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const [, section = ""] = /\n## Run it\n(.*?)\n## /s.exec(read("README.md")) ?? [];
const commands = [...section.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = ""]) => block.trim().split("\n"));
const dockerRuns = commands.filter((command) => command.startsWith("docker run"));

test("every place has its command", () => {
  expect(dockerRuns).toHaveLength(4);
  for (const word of [
    "docker compose",
    "systemctl --user",
    "kubectl",
    "apptainer instance start",
    "apt install ./apps/agent",
    "apt install ./apps/client",
    "npm install -g",
  ]) {
    expect(
      commands.filter((command) => command.includes(word)),
      word,
    ).toHaveLength(1);
  }
});

test("the files that they name are there", () => {
  const named = commands.flatMap((command) => command.match(/(?<=^|\s)(image|apps)\/[\w./-]+/g) ?? []);
  expect(named.length).toBeGreaterThan(3);
  for (const path of named) expect(existsSync(join(ROOT, path)), path).toBe(true);
});

test("each docker run opens the one port, TCP and UDP, keeps the home, and names options that there are", () => {
  for (const command of dockerRuns) {
    for (const part of ["-p 8080:8080 ", "-p 8080:8080/udp ", "-v eglantine:/home/user ", "--shm-size 1g "]) {
      expect(command, command).toContain(part);
    }
    expect(command).toMatch(new RegExp(` ${IMAGE}$`));
  }
  const set = commands.flatMap((command) => [...command.matchAll(/(?:-e |--env |,)([A-Z_]+)=([^\s,]+)/g)]);
  expect(set.length).toBeGreaterThan(2);
  expect(
    environmentProblems(
      Object.fromEntries(set.map(([, name = "", value]) => [name, value?.replace("$HOME", "/home/me")])),
    ),
  ).toEqual([]);
});

test("the profile of Compose is one that there is", () => {
  const [, profile = ""] = /--profile (\S+)/.exec(commands.join("\n")) ?? [];
  const { services } = parse(read("image/compose.yaml"), { merge: true }) as { services: Record<string, object> };
  expect(Object.keys(services)).toContain(profile);
});

test("one image is meant everywhere", () => {
  const cluster = kustomize(join(ROOT, "image/kubernetes/overlays/idle"));
  const images = [...JSON.stringify(cluster).matchAll(/"image":"([^"]+)"/g)].map(([, image]) => image);
  expect(images).toEqual([IMAGE, IMAGE]);
  expect(read("image/compose.yaml")).toContain(`\${EGLANTINE_IMAGE:-${IMAGE}}`);
  expect(read("image/podman/eglantine.container")).toContain(`\nImage=localhost/${IMAGE}\n`);
  expect(read("image/apptainer/eglantine.def")).toContain(`image=${IMAGE}\n`);
  expect(read("image/Dockerfile")).toMatch(/^FROM \w+ AS full$/m);
});

test("Apptainer starts in an instance what a container starts with", () => {
  const definition = read("image/apptainer/eglantine.def");
  const [, entryPoint = ""] = /^ENTRYPOINT \["([^"]+)"\]$/m.exec(read("image/Dockerfile")) ?? [];
  for (const part of ["%startscript", "%runscript"])
    expect(definition).toContain(`${part}\n    exec ${entryPoint} "$@"\n`);
});
