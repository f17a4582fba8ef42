// The start of a container as its operators run it: whatever user id, without rights, on a read-only root; language, keyboard and passwords by the environment;
// a home on a volume, over several starts and images. Each look is from inside, by the container's own programs.

import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { until } from "../../test/harness/until.ts";
import type { Container } from "./container.ts";
import { BUILD_WITHIN_MS, Engine, type RunOptions } from "./engine.ts";
import { CONFINED, SERVICES, servicePid } from "./services.ts";

type Options = Omit<RunOptions, "image">;
const engine = await Engine.open();
let image: string;
const folder = mkdtempSync(join(tmpdir(), "eglantine-start-"));
/** Each container starts and is looked at many times: more than a usual test's minute on two cores that do other work. */
vi.setConfig({ testTimeout: 180_000 });
/** What a desktop says when it starts, then stays. */
const says = (...commands: readonly string[]): string =>
  `sh -c '${[...commands, ": > /tmp/said", "exec sleep 1000"].join("; ")}'`;
const open: Container[] = [];

beforeAll(async () => {
  image = (await engine?.image("desktop")) ?? "";
}, BUILD_WITHIN_MS);
afterEach(async () => {
  for (const container of open.splice(0)) await container.close();
});
afterAll(async () => {
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: Options): Promise<Container> {
  if (engine === undefined) throw new Error("there is no engine");
  const container = await engine.run({ image, ...options });
  open.push(container);
  return container;
}

/** Without waiting for the agent: the desktop has said what it says. */
async function startSaying(commands: readonly string[], options: Options = {}): Promise<Container> {
  const env = { EGLANTINE_DESKTOP: says(...commands), EGLANTINE_AUDIO: "false", ...options.env };
  const container = await start({ publish: false, ...options, env });
  await until(
    "the desktop has said it",
    async () => {
      if (!(await container.isRunning())) throw new Error(`the container has ended:\n${await container.logs()}`);
      return (await container.tryExec(["test", "-e", "/tmp/said"])).status === 0;
    },
    { limitMs: 60_000, everyMs: 50 },
  );
  return container;
}

let homes = 0;
/** A folder for `-v`, of this owner. */
function homeOf(uid: number, gid = uid): string {
  const home = join(folder, `home-${(homes += 1)}`);
  mkdirSync(home);
  chownSync(home, uid, gid);
  chmodSync(home, 0o770);
  return home;
}

/** As a program of the desktop would have made it. */
function give(home: string, uid = 1000): void {
  execFileSync("chown", ["--recursive", "--no-dereference", `${uid}:${uid}`, home]);
}

describe.skipIf(engine === undefined)("a container", () => {
  test.each([
    ["the image's own user", "1000:1000", 1000, 1000],
    ["a user id that nobody knows", "41235:41236", 41_235, 41_236],
    ["OpenShift's: any user id, group 0", "1000650000:0", 1_000_650_000, 0],
  ])("starts without any rights on a read-only root, as %s", async (_who, user, uid, gid) => {
    const home = homeOf(uid, gid);
    const container = await start({
      flags: [...CONFINED, `--user=${user}`, "--volume", `${home}:/home/user`],
      env: { EGLANTINE_DESKTOP: "xterm -e sh -c 'id -un > ~/name; exec sleep 1000'" },
    });
    await container.untilReady();
    await until("a program in a terminal", () => existsSync(join(home, "name")), { limitMs: 60_000 });
    expect(readFileSync(join(home, "name"), "utf8")).toBe("user\n");
    for (const service of SERVICES) {
      const pid = await servicePid(container, service);
      expect(await container.exec("stat", "-c", "%u:%g", `/proc/${pid}`), service).toBe(`${uid}:${gid}`);
      const status = await container.exec("cat", `/proc/${pid}/status`);
      expect(status).toMatch(/^CapEff:\s+0+$/m);
      expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    }
  });

  test("writes to /tmp and to its home, and to nothing else", async () => {
    const container = await start({ env: { EGLANTINE_DESKTOP: "xterm" } });
    await container.untilReady();
    const changed = (await engine?.docker("diff", container.id))?.split("\n") ?? [];
    expect(changed.length).toBeGreaterThan(2);
    expect(changed.filter((line) => !/^(|[AC] \/(tmp|home)(\/.*)?)$/.test(line))).toEqual([]);
  });

  test("speaks the language, keeps the time and has the keyboard that it is told", async () => {
    const asked = ["date -d 2026-01-05 +%A-%Z > /tmp/day", "setxkbmap -query > /tmp/keyboard", "xset q > /tmp/set"];
    const container = await startSaying(asked, {
      flags: CONFINED,
      env: { LANG: "de_DE.UTF-8", TZ: "Asia/Tokyo", EGLANTINE_KEYBOARD_LAYOUT: "fr(bepo)" },
    });
    expect(await container.exec("cat", "/tmp/day")).toBe("Montag-JST");
    expect(await container.exec("cat", "/tmp/keyboard")).toMatch(/layout: +fr\nvariant: +bepo/);
    expect(await container.logs()).not.toMatch(/no locale|no time zone/);
  });

  test("says which language and time zone there is none of, and writes UTF-8 all the same", async () => {
    const container = await startSaying(["locale charmap > /tmp/charmap"], {
      env: { LC_ALL: "xx_YY.UTF-8", TZ: "Mars/Olympus" },
    });
    expect(await container.exec("cat", "/tmp/charmap")).toBe("UTF-8");
    expect(await container.logs()).toMatch(/no locale "xx_YY.UTF-8" \(LC_ALL\)/);
    expect(await container.logs()).toMatch(/no time zone "Mars\/Olympus"/);
  });
});

/** Of the account "user", as root sees it: whether this is its password; "" where it has none. */
async function accountSays(container: Container, password: string): Promise<string> {
  const script =
    'my $is = (split /:/, `getent shadow user`)[1]; print $is =~ /^[!*]/ ? "" : $is eq crypt($ARGV[0], $is) ? "yes" : "no"';
  return (await container.tryExec(["perl", "-e", script, password], ["--user=0"])).stdout;
}

describe.skipIf(engine === undefined)("PASSWD", () => {
  test("of a container that is no root's stays the viewers', the account has none, and the log says so", async () => {
    const container = await startSaying([], { env: { PASSWD: "my secret" } });
    expect(await container.logs()).toMatch(/PASSWD is the viewers' password .* only a start as root/);
    expect(await accountSays(container, "my secret")).toBe("");
    expect(await container.logs()).not.toContain("my secret");
  });

  test("of one that is started as root becomes the account's, whose the desktop is, with the groups that were given", async () => {
    const container = await startSaying(["id > /tmp/id", "echo $HOME > /tmp/its-home"], {
      flags: ["--user=0", "--group-add=4711"],
      env: { PASSWD: "my secret" },
    });
    expect(await container.logs()).toMatch(/PASSWD is the password of the account "user" now/);
    expect(await accountSays(container, "my secret")).toBe("yes");
    expect(await accountSays(container, "another")).toBe("no");
    expect(await container.exec("cat", "/tmp/id")).toMatch(/^uid=1000\(user\) gid=1000\(user\) groups=.*\b4711\b/);
    expect(await container.exec("cat", "/tmp/id")).not.toMatch(/\(root\)/);
    expect(await container.exec("cat", "/tmp/its-home")).toBe("/home/user");
  });

  test("of a root without rights is said to be nobody's, and the desktop starts", async () => {
    const container = await startSaying(["id -u > /tmp/id"], {
      flags: [...CONFINED, "--user=0"],
      env: { PASSWD: "my secret" },
    });
    expect(await container.logs()).toMatch(/PASSWD is not set as the account's password/);
    expect(await container.logs()).toMatch(/root can't become "user" here/);
    expect(await container.exec("cat", "/tmp/id")).toBe("0");
  });
});

describe.skipIf(engine === undefined)("a home", () => {
  test("that is a volume of somebody else's ends the container with what to do", async () => {
    const home = homeOf(4321);
    const { status, stderr: log } = await (engine as Engine).once({ image, flags: ["--volume", `${home}:/home/user`] });
    expect(status).toBe(1);
    expect(log).toMatch(
      /the home \/home\/user is a volume that user id 1000 may not write to: it belongs to 4321:4321, mode 770\./,
    );
    for (const remedy of [/chown -v VOLUME:\/mnt IMAGE -R 1000:1000 \/mnt/, /:U/, /fsGroup: 1000/, /--user/]) {
      expect(log).toMatch(remedy);
    }
  });

  test("that can't be written and is no volume gives way to one that goes with the container, which the log says", async () => {
    const container = await startSaying(["echo $HOME > /tmp/its-home", ": > ~/file"], { flags: CONFINED });
    expect(await container.exec("cat", "/tmp/its-home")).toBe("/tmp/eglantine-1000/home");
    expect(await container.logs()).toMatch(/may not write to the home \/home\/user .* mount a volume there/);
  });

  test("keeps what is the user's over starts and images, and gets what is new", async () => {
    const home = homeOf(1000);
    const skeleton = join(folder, "skeleton");
    const packages = join(folder, "status");
    const settings = join(folder, "kwinrc");
    mkdirSync(skeleton);
    const asked = ["kreadconfig6 --file kwinrc --group Compositing --key Enabled > ~/compositing"];
    const again = async () => {
      rmSync(join(home, "compositing"), { force: true });
      const mounts = [
        [home, "/home/user"],
        [skeleton, "/etc/skel:ro"],
        [packages, "/var/lib/dpkg/status:ro"],
        [settings, "/usr/share/eglantine/xdg/kwinrc:ro"],
      ];
      const flags = mounts.flatMap(([from, to]) => ["--volume", `${from}:${to}`]);
      const container = await startSaying(asked, { flags });
      const log = await container.logs();
      await container.close();
      return log;
    };
    const write = (name: string, text: string) => writeFileSync(join(home, name), text);
    const read = (name: string) => readFileSync(join(home, name), "utf8");
    mkdirSync(join(home, "lost+found"));
    for (const [name, text] of [
      ["left", "1"],
      ["changed", "1"],
      ["removed", "1"],
    ] as const)
      writeFileSync(join(skeleton, name), text);
    writeFileSync(packages, "the first image");
    writeFileSync(settings, "[Compositing]\nEnabled=first\n");

    expect(await again()).not.toMatch(/other packages/);
    expect([read("left"), read("changed"), read("removed")]).toEqual(["1", "1", "1"]);
    expect(read("compositing")).toBe("first\n");

    write("changed", "mine");
    rmSync(join(home, "removed"));
    mkdirSync(join(home, ".config/chromium"), { recursive: true });
    write(".config/chromium/Preferences", "mine");
    symlinkSync("3f2a9b1c-77", join(home, ".config/chromium/SingletonLock"));
    mkdirSync(join(home, ".cache/plasmashell/qmlcache"), { recursive: true });
    write(".cache/ksycoca6_en_x", "old");
    write(".cache/mine", "mine");
    give(home);
    expect(await again()).not.toMatch(/other packages/);
    expect(read(".cache/ksycoca6_en_x")).toBe("old");
    expect(() => read(".config/chromium/SingletonLock")).toThrow();

    for (const name of ["left", "changed", "removed", "added"]) writeFileSync(join(skeleton, name), "2");
    writeFileSync(packages, "the second image");
    writeFileSync(settings, "[Compositing]\nEnabled=second\n");
    expect(await again()).toMatch(/used with other packages: caches are made anew, settings stay/);
    expect([read("left"), read("changed"), read("added")]).toEqual(["2", "mine", "2"]);
    expect(existsSync(join(home, "removed"))).toBe(false);
    expect(read("compositing")).toBe("second\n");
    expect([read(".config/chromium/Preferences"), read(".cache/mine")]).toEqual(["mine", "mine"]);
    expect(existsSync(join(home, ".cache/ksycoca6_en_x"))).toBe(false);
    expect(existsSync(join(home, ".cache/plasmashell/qmlcache"))).toBe(false);

    write(".config/kwinrc", "[Compositing]\nEnabled=mine\n");
    await again();
    expect(read("compositing")).toBe("mine\n");
  });

  test("that another session uses is left as it is, and the log says so", async () => {
    const home = homeOf(1000);
    await startSaying([], { flags: ["--volume", `${home}:/home/user`] });
    mkdirSync(join(home, ".config/chromium"), { recursive: true });
    symlinkSync("3f2a9b1c-77", join(home, ".config/chromium/SingletonLock"));
    give(home);
    const second = await startSaying([], { flags: ["--volume", `${home}:/home/user`] });
    expect(await second.logs()).toMatch(/another session uses the home/);
    expect((await second.tryExec(["test", "-L", "/home/user/.config/chromium/SingletonLock"])).status).toBe(0);
  });
});
