// What operators' own programs make of the files that they are given: Compose, kubectl and Podman's Quadlet, those of Debian 13; and Compose
// running it, the desktop and the TURN server beside it, with a viewer that may use nothing but that.

import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HeadlessBrowser } from "../../test/harness/browser.ts";
import { DesktopPage } from "../../test/harness/desktop-page.ts";
import { askBinding } from "../../apps/agent/src/transport/turn-ask.ts";
import { untilAnswer } from "../../test/harness/health.ts";
import { freePort } from "../../test/harness/ports.ts";
import { until } from "../../test/harness/until.ts";
import { BUILD_WITHIN_MS, Engine } from "./engine.ts";
import { kustomize, readObjects, sorted } from "../../apps/client/src/main/kubernetes/kustomize.ts";
import { Operator, ROOT, type RunOptions } from "./operator.ts";
import { environmentProblems } from "./option-names.ts";

const FILE = join(ROOT, "image/compose.yaml");
const KUBERNETES = join(ROOT, "image/kubernetes");
const PASSWORD = "of a file";

let engine: Engine | undefined;
let operator: Operator;
let folder: string;

beforeAll(async () => {
  engine = await Engine.open();
  if (engine === undefined) return;
  folder = mkdtempSync(join(tmpdir(), "egl-operators-"));
  // The containers' users are others than ours.
  chmodSync(folder, 0o755);
  operator = await Operator.open(engine);
}, BUILD_WITHIN_MS);
afterAll(async () => {
  await engine?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

function compose(profiles: readonly string[], argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const chosen = profiles.flatMap((profile) => ["--profile", profile]);
  return operator.run(["docker", "compose", "-f", FILE, ...chosen, ...argv], options);
}

interface Read {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly environment: Readonly<Record<string, string | null>>;
        readonly ports: readonly object[];
        readonly deploy?: { readonly resources: { readonly reservations: { readonly devices: readonly object[] } } };
        readonly group_add?: readonly string[];
        readonly devices?: readonly { readonly source: string }[];
      }
    >
  >;
}

test.for(["nvidia", "amd-intel", "wsl", "software"])(
  "Compose takes the profile %s, and publishes one port, TCP and UDP",
  async (name, context) => {
    if (engine === undefined) return context.skip();
    const env = { EGLANTINE_PORT: "18080", PUBLISH_ADDRESS: "127.0.0.1", EGLANTINE_PUBLIC_ADDRESS: "203.0.113.7" };
    const { services } = JSON.parse(await compose([name], ["config", "--format", "json"], { env })) as Read;
    expect(Object.keys(services)).toEqual([name]);
    const { environment = {}, ports = [], deploy, group_add, devices } = services[name] ?? {};
    // Null: not set.
    const set = Object.entries(environment).filter(([, value]) => value !== null) as [string, string][];
    expect(environmentProblems(Object.fromEntries(set))).toEqual([]);
    expect(environment).toMatchObject({ EGLANTINE_PORT: "18080", EGLANTINE_PUBLIC_ADDRESS: "203.0.113.7" });
    const port = { published: "18080", target: 18080, host_ip: "127.0.0.1" };
    expect(ports).toMatchObject([
      { ...port, protocol: "tcp" },
      { ...port, protocol: "udp" },
    ]);
    const gpu = [{ driver: "nvidia", count: 1, capabilities: ["gpu"] }];
    expect(deploy?.resources.reservations.devices).toEqual(name === "nvidia" ? gpu : undefined);
    expect(group_add).toEqual(name === "amd-intel" ? ["44"] : undefined);
    const device = { "amd-intel": "/dev/dri", wsl: "/dev/dxg" }[name];
    expect(devices?.map(({ source }) => source)).toEqual(device === undefined ? undefined : [device]);
  },
);

test(
  "Compose runs it: the password is the file's, and a viewer that may use the TURN server alone sees the desktop",
  async (context) => {
    if (engine === undefined) return context.skip();
    const image = await engine.image("desktop");
    const [password, secret] = [join(folder, "password"), join(folder, "secret")];
    writeFileSync(password, `${PASSWORD}\n`);
    writeFileSync(secret, "shared with the server\n");
    const [port, turnPort] = [await freePort(), await freePort()];
    const env = {
      COMPOSE_PROJECT_NAME: `eglantine-test-${process.pid}`,
      EGLANTINE_IMAGE: image,
      EGLANTINE_PORT: String(port),
      PUBLISH_ADDRESS: "127.0.0.1",
      PASSWORD_FILE: password,
      COTURN_IMAGE: operator.image,
      TURN_HOST: "127.0.0.1",
      TURN_PORT: String(turnPort),
      TURN_SECRET_FILE: secret,
    };
    const options = { env, folders: [folder], engine: true };
    const profiles = ["software", "turn"];
    const url = `http://127.0.0.1:${port}/`;
    const browser = await HeadlessBrowser.start();
    try {
      await compose(profiles, ["up", "--detach", "--no-build", "--pull=never"], options);
      await untilAnswer(`${url}health`, 200, { limitMs: 60_000 });
      const server = { host: "127.0.0.1", port: turnPort, transport: "udp" } as const;
      await until("the TURN server", () =>
        askBinding(server, AbortSignal.timeout(5000)).then(
          () => true,
          () => false,
        ),
      );
      const asking = async (word: string): Promise<unknown> => {
        const authorization = `Basic ${Buffer.from(`user:${word}`).toString("base64")}`;
        return (await fetch(`${url}health`, { headers: { authorization } })).json();
      };
      expect(await asking(PASSWORD)).toHaveProperty("refused");
      expect(await asking("something else")).not.toHaveProperty("refused");
      const viewer = await DesktopPage.connect(browser, url, {
        password: PASSWORD,
        query: { relay: "true" },
        path: "webrtc",
      });
      // Not its type: the agent may have found it first.
      expect((await viewer.stats("local-candidate"))["relayProtocol"]).toBe("udp");
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${(await compose(profiles, ["logs"], options)).slice(-4000)}`, {
        cause: error,
      });
    } finally {
      await browser.close();
      await compose(profiles, ["down", "--volumes", "--timeout", "15"], options);
    }
  },
  BUILD_WITHIN_MS,
);

test("kubectl makes of every overlay what kustomize.ts makes of it", async (context) => {
  if (engine === undefined) return context.skip();
  const names = ["base", ...readdirSync(join(KUBERNETES, "overlays")).map((name) => `overlays/${name}`)];
  const script = 'for name; do kubectl kustomize "$name" || exit; echo ======; done';
  const text = await operator.run(["sh", "-c", script, "sh", ...names.map((name) => join(KUBERNETES, name))]);
  for (const [index, part] of text.split("======\n").slice(0, -1).entries()) {
    const name = names[index] ?? "";
    expect(sorted(readObjects(part)), name).toEqual(sorted(kustomize(join(KUBERNETES, name))));
  }
  expect(text.split("======\n").length - 1).toBe(names.length);
});

test("Quadlet makes a service of the Podman file, with nothing allowed that the other places do not allow", async (context) => {
  if (engine === undefined) return context.skip();
  const env = { QUADLET_UNIT_DIRS: join(ROOT, "image/podman") };
  const text = await operator.run(["/usr/libexec/podman/quadlet", "-user", "-dryrun"], { env });
  const start = /^ExecStart=(.*)$/m.exec(text)?.[1] ?? "";
  for (const flag of [
    "--read-only",
    "--cap-drop all",
    "--security-opt=no-new-privileges",
    "--userns keep-id:uid=1000,gid=1000",
    "--publish 8080:8080/tcp",
    "--publish 8080:8080/udp",
    "-v eglantine-home:/home/user",
    "--shm-size 1g",
  ]) {
    expect(start).toContain(` ${flag} `);
  }
  expect(start).toMatch(/ localhost\/eglantine:full$/);
  const set = [...start.matchAll(/--env (\w+)=(\S+)/g)].map(([, name = "", value]) => [name, value]);
  expect(set.length).toBeGreaterThan(1);
  expect(environmentProblems(Object.fromEntries(set))).toEqual([]);
});
