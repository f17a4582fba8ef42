// Input methods on the desktop itself: fcitx5 in a container whose language asks for it, and in no other.

import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { HeadlessBrowser } from "../../test/harness/browser.ts";
import { DesktopPage } from "../../test/harness/desktop-page.ts";
import { until } from "../../test/harness/until.ts";
import type { Container } from "./container.ts";
import { BUILD_WITHIN_MS, Engine } from "./engine.ts";

/** A terminal over all of the desktop, which writes down what is typed. */
const TYPED = "xterm -geometry 400x200+0+0 -e sh -c 'stty raw -echo; exec cat > /tmp/typed'";
const PASSWORD = "to the desktop";
/** Two cores that do other work. */
const SLOW = { limitMs: 60_000 };
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const engine = await Engine.open();
let image: string;
let browser: HeadlessBrowser;
const containers: Container[] = [];

beforeAll(async () => {
  image = (await engine?.image("desktop")) ?? "";
  browser = await HeadlessBrowser.start();
}, BUILD_WITHIN_MS);
afterAll(async () => {
  await browser?.close();
  for (const container of containers) await container.close();
  await engine?.close();
});

async function start(env: Readonly<Record<string, string>>): Promise<Container> {
  const container = await (engine as Engine).run({
    image,
    env: { EGLANTINE_DESKTOP: TYPED, BASIC_AUTH_PASSWORD: PASSWORD, SIZEW: "800", SIZEH: "600", ...env },
  });
  containers.push(container);
  await container.untilReady();
  const terminal = async () => (await container.tryOnDesktop("xwininfo", "-root", "-tree")).stdout.includes("xterm");
  await until("the terminal", terminal, SLOW);
  return container;
}

const runs = async (container: Container): Promise<boolean> =>
  (await container.tryExec(["sh", "-c", "cat /proc/[0-9]*/comm"])).stdout.split("\n").includes("fcitx5");

describe.skipIf(engine === undefined)("an input method", () => {
  test.each([
    ["ja_JP.UTF-8", "nihongo", ["Space", "Enter"], "日本語"],
    ["zh_CN.UTF-8", "nihao", ["Space"], "你好"],
    ["ko_KR.UTF-8", "gksrmf", ["Enter"], "한글"],
  ] as const)("of %s composes what is typed, when the user turns it on", async (locale, keys, done, text) => {
    const container = await start({ LC_ALL: locale });
    expect(await runs(container)).toBe(true);
    const viewer = await DesktopPage.connect(browser, container.url, { user: "user", password: PASSWORD });
    const typed = () => container.exec("cat", "/tmp/typed");
    await viewer.page.mouse.move(300, 300);
    await until(
      "a letter in the terminal",
      async () => {
        await viewer.page.keyboard.press("x");
        return (await typed()).includes("x");
      },
      SLOW,
    );
    await viewer.page.keyboard.press("Control+Space");
    for (const letter of keys) await viewer.page.keyboard.press(letter);
    for (const key of done) await viewer.page.keyboard.press(key);
    await until(`${text} in the terminal`, async () => (await typed()).includes(text), SLOW);
    expect((await typed()).replace(/^x+/, "").trim()).toBe(text);
    await viewer.close();
  });

  test("is not there for who needs none, until they set one up", async () => {
    const container = await start({ LC_ALL: "de_DE.UTF-8" });
    expect(await runs(container)).toBe(false);
    const profile =
      "[Groups/0]\\nName=Mine\\nDefault Layout=de\\nDefaultIM=pinyin\\n\\n[Groups/0/Items/0]\\nName=pinyin\\n";
    await container.exec("sh", "-c", `mkdir -p ~/.config/fcitx5 && printf '${profile}' > ~/.config/fcitx5/profile`);
    await container.exec("sh", "-c", 's6-svc -r "/tmp/eglantine-$(id -u)/scan/desktop"');
    await until("the input method", () => runs(container), SLOW);
    await until(
      "its group",
      async () => (await container.tryOnDesktop("fcitx5-remote", "-q")).stdout.trim() === "Mine",
      SLOW,
    );
  });

  test("is there when it is asked for, and not when it is refused", async () => {
    expect(await runs(await start({ EGLANTINE_INPUT_METHOD: "fcitx5" }))).toBe(true);
    expect(await runs(await start({ LC_ALL: "ko_KR.UTF-8", EGLANTINE_INPUT_METHOD: "off" }))).toBe(false);
  });
});
