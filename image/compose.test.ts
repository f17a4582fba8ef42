// compose.yaml: how far each service is confined, and that what it sets is there. As Compose reads it, and run for real: test/operators.test.ts.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { environmentProblems } from "./test/option-names.ts";

const FILE = fileURLToPath(new URL("compose.yaml", import.meta.url));
const DESKTOPS = ["nvidia", "amd-intel", "wsl", "software"] as const;

interface Service {
  readonly profiles: readonly string[];
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly privileged?: boolean;
}

/** Not interpolated. */
const file = parse(readFileSync(FILE, "utf8"), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
};
const services = Object.entries(file.services);

test("there is a desktop for each kind of machine, and a TURN server, each a profile of its own", () => {
  expect(services.map(([name]) => name)).toEqual([...DESKTOPS, "turn"]);
  for (const [name, { profiles }] of services) expect(profiles).toEqual([name]);
});

test.each(services)(
  "%s has a read-only root, no capabilities that it does not name, and no new privileges",
  (_, own) => {
    expect(own).toMatchObject({ read_only: true, cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"] });
    expect(own.privileged).toBeUndefined();
  },
);

test.each(DESKTOPS)("%s sets options that there are, to values that they take", (name) => {
  const environment = Object.entries(file.services[name]?.environment ?? {}).map(([option, value]) => [
    option,
    value?.replace(/^\$\{\w+:-(.*)\}$/, "$1") ?? undefined,
  ]);
  expect(environmentProblems(Object.fromEntries(environment))).toEqual([]);
  expect(environment.length).toBeGreaterThan(3);
});

test("no password and no secret has a default", () => {
  const preset = (name: string) => /:-(.*)\}$/.exec(file.secrets[name]?.file ?? "")?.[1];
  expect([preset("password"), preset("turn-secret")]).toEqual(["/dev/null", "/dev/null"]);
  expect(readFileSync(FILE, "utf8")).not.toMatch(/(PASSWD|PASSWORD|SECRET)[:=] *["']?\w/);
});
