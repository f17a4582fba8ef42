// The image's targets as they are built: what is in them and what is not, by name, by label and by size; and `desktop` as a container without any
// right, which is there for a viewer and goes when it is told to. Next: the other files here, on the same build.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HeadlessBrowser } from "../../test/harness/browser.ts";
import { DesktopPage } from "../../test/harness/desktop-page.ts";
import type { Container } from "./container.ts";
import { BUILD_WITHIN_MS, Engine, type Target } from "./engine.ts";
import { CONFINED } from "./services.ts";

const FULL = process.env["EGLANTINE_TEST_FULL"] === "1";
if (!FULL) console.log("skipped: the target full, which takes minutes more (EGLANTINE_TEST_FULL=1)");
const TARGETS: readonly Target[] = FULL ? ["headless", "desktop", "full"] : ["headless", "desktop"];

const engine = await Engine.open();
const images = new Map<Target, string>();
afterAll(() => engine?.close());

/** Where `describe.skipIf` has seen to it that there is one. */
const docker = (): Engine => {
  if (engine === undefined) throw new Error("no engine");
  return engine;
};
const imageOf = (target: Target): string => images.get(target) ?? "";

/** Standard output of a shell's command in a new container, as root, so that it sees everything. */
async function inside(target: Target, script: string): Promise<string> {
  const done = await docker().once({
    image: imageOf(target),
    flags: ["--user", "0", "--network", "none", "--entrypoint", ""],
    args: ["sh", "-c", script],
  });
  expect(done.stderr).toBe("");
  return done.stdout.trim();
}

describe.skipIf(engine === undefined)("the image", () => {
  beforeAll(async () => {
    for (const target of TARGETS) images.set(target, await docker().image(target));
  }, BUILD_WITHIN_MS);

  describe.each(TARGETS)("%s", (target) => {
    test("has no program with another user's rights", async () => {
      expect(
        await inside(target, "find / -xdev -type f -perm /6000; ! command -v getcap >/dev/null || getcap -r /"),
      ).toBe("");
    });

    test("has no compiler, no package manager of npm's and no header", async () => {
      const unwanted = ["cc", "gcc", "g++", "c++", "clang", "make", "npm", "npx", "pnpm", "corepack", "node-gyp"];
      expect(await inside(target, `for name in ${unwanted.join(" ")}; do command -v $name; done; :`)).toBe("");
      const packages = await inside(
        target,
        "dpkg-query -W -f='${Package}\\n' | grep -E '^(build-essential|nodejs|npm)$|-dev$' || :",
      );
      // Mesa's OpenCL compiles programs while they run, and reads these two as it does so.
      expect(packages.replaceAll(/^(libclang-common|libclc)-\d+-dev$/gm, "").trim()).toBe("");
    });

    test("has no list, log or archive of apt's, and no other user's file in the home", async () => {
      const places = "/var/lib/apt/lists /var/cache/apt /var/log /home /root /tmp";
      expect(
        await inside(target, `find ${places} -type f -size +0 ! -path '/root/.bashrc' ! -path /root/.profile`),
      ).toBe("");
    });

    test("says what it is in its labels, of the version in package.json", async () => {
      const labels = JSON.parse(
        await docker().docker("image", "inspect", "--format", "{{json .Config.Labels}}", imageOf(target)),
      ) as Record<string, string>;
      const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
        version: string;
      };
      expect(labels).toMatchObject({
        "org.opencontainers.image.title": expect.stringMatching(/^Eglantine/),
        "org.opencontainers.image.version": version,
        "org.opencontainers.image.licenses": "MPL-2.0 AND GPL-2.0-or-later",
        "org.opencontainers.image.base.name": "debian:trixie-slim",
      });
    });

    test("has a bill of materials that names every Debian package and the bundle's npm packages", async () => {
      const bill = JSON.parse(await inside(target, "cat /usr/share/doc/eglantine/sbom.cdx.json")) as {
        bomFormat: string;
        components: { name: string; purl?: string }[];
      };
      expect(bill.bomFormat).toBe("CycloneDX");
      const named = bill.components.filter(({ purl }) => purl?.startsWith("pkg:deb/")).map(({ name }) => name);
      const installed = (await inside(target, "dpkg-query -W -f='${Package}\\n'")).split("\n");
      expect(named.sort()).toEqual(installed.sort());
      const npm = bill.components.filter(({ purl }) => purl?.startsWith("pkg:npm/")).map(({ name }) => name);
      expect(npm).toEqual(expect.arrayContaining(["node", "node-datachannel", "ws", "zod", "pino"]));
    });

    test("holds no secret: not in a layer, nor in its history or settings", async () => {
      const settings = await docker().docker("image", "inspect", imageOf(target));
      const history = await docker().docker("history", "--no-trunc", imageOf(target));
      // What the build was given, line by line.
      for (const line of buildSecrets()) expect(settings + history).not.toContain(line);
      const layers = await docker().layers(imageOf(target));
      const names = spawnSync("find", [...layers, "-name", ".npmrc", "-o", "-name", "ssl-cert-snakeoil.key"], {
        encoding: "utf8",
      });
      expect([names.status, names.stdout]).toEqual([0, ""]);
      // A key, and not just the words that a program knows one by. GnuTLS has those of its self-tests in it.
      const key = "-----BEGIN [A-Z ]*PRIVATE KEY-----\\n[A-Za-z0-9+/]{60}";
      const keys = spawnSync("grep", ["-rlzPs", "--exclude=libgnutls.so.*", "-e", key, ...layers], {
        encoding: "utf8",
      });
      // It complains where it could not look at all.
      expect(keys.stderr).toBe("");
      expect(keys.stdout).toBe("");
    });
  });

  test("an update of Eglantine is one small layer, the last one", async () => {
    const sizes = async (target: Target) =>
      (await docker().docker("history", "--human=false", "--format", "{{.Size}} {{.CreatedBy}}", imageOf(target)))
        .split("\n")
        .filter((line) => !line.startsWith("0 "));
    for (const target of TARGETS) {
      const all = await sizes(target);
      console.log(
        `layers of ${target}, the last one first:\n${all.map((line) => `  ${line.slice(0, 110)}`).join("\n")}`,
      );
      expect(all[0]).toMatch(/^\d+ COPY/);
      expect(Number(all[0]?.split(" ")[0])).toBeLessThan(30e6);
    }
  });

  test("without a desktop says what it is for, stays for programs, and ends at once when told to", async () => {
    const container = await docker().run({ image: imageOf("headless"), publish: false });
    expect(await container.exec("id", "-un")).toBe("user");
    expect(await container.logs()).toContain("There is no desktop in this image.");
    const startedMs = performance.now();
    // 128 and the number of SIGTERM.
    expect(await container.stop()).toBe(143);
    expect(performance.now() - startedMs).toBeLessThan(8000);
  });

  test("runs any other word as a program, and refuses what is none", async () => {
    const image = imageOf("headless");
    const program = await docker().once({ image, args: ["sh", "-c", "echo $$ $EGLANTINE_CONTAINER; exit 3"] });
    expect([program.status, program.stdout]).toEqual([3, expect.stringMatching(/^\d+ true\n$/)]);
    const nothing = await docker().once({ image, args: ["no-such-program"] });
    expect([nothing.status, nothing.stderr]).toEqual([127, expect.stringContaining('no program "no-such-program"')]);
  });
});

/** Lines of the user's npm configuration that are of nobody else's concern. */
function buildSecrets(): string[] {
  const file = `${process.env["HOME"] ?? "/root"}/.npmrc`;
  const text = spawnSync("cat", [file], { encoding: "utf8" }).stdout;
  return text.split("\n").filter((line) => /_auth|token|password/i.test(line));
}

describe.skipIf(engine === undefined)("a desktop without any right", () => {
  const secrets = {
    BASIC_AUTH_PASSWORD: "viewers-4711",
    NOVNC_VIEWPASS: "watch-815",
    TURN_SHARED_SECRET: "turn-1234567",
  };
  let container: Container;
  let browser: HeadlessBrowser;

  beforeAll(async () => {
    const image = await docker().image("desktop");
    const uid = 20_000 + Math.floor(Math.random() * 40_000);
    const home = await docker().volume(image, { uid, gid: uid });
    browser = await HeadlessBrowser.start();
    container = await docker().run({
      image,
      flags: [...CONFINED, "--shm-size=256m", "--user", `${uid}:${uid}`, "--volume", `${home}:/home/user:nocopy`],
      env: { ...secrets, SIZEW: "1280", SIZEH: "720" },
    });
  }, BUILD_WITHIN_MS);
  afterAll(() => browser?.close());

  test("shows its first picture to a viewer within 15 s of `docker run`", async () => {
    await container.untilReady();
    const viewer = await DesktopPage.connect(browser, container.url, {
      user: "user",
      password: secrets.BASIC_AUTH_PASSWORD,
      query: { resize: "false" },
    });
    const tookMs = performance.now() - container.startedMs;
    console.log(`first picture ${Math.round(tookMs)} ms after docker run`);
    expect(await viewer.pictureSize()).toEqual({ widthPx: 1280, heightPx: 720 });
    expect(tookMs).toBeLessThan(15_000);
    await viewer.close();
  });

  test("is healthy by its own check", () => container.untilHealthy());

  test("keeps its secrets out of the log and the programs' environment", async () => {
    const log = await container.logs();
    const files = await container.exec("sh", "-c", 'cat "/tmp/eglantine-$(id -u)"/log/*/current');
    const programs = await container.onDesktop("sh", "-c", "cat /proc/$(pgrep -x plasmashell)/environ");
    for (const secret of Object.values(secrets)) expect(log + files + programs).not.toContain(secret);
  });

  test("ends in order when it is stopped, within Docker's 10 s", async () => {
    expect(await container.stop(10)).toBe(0);
    expect(await container.inspect(".State.OOMKilled")).toBe(false);
  });
});
