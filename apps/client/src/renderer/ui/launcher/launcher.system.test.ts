// The launcher's screen in real Chromium, with the real launcher behind it on a real Docker engine and a real registry: what the user sees of a launch
// from the form to the desktop, of what goes wrong, and of the containers that were made.

import { rmSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ShellBench } from "../../../../../../test/harness/shell-page.ts";
import { until } from "../../../../../../test/harness/until.ts";
import { makeLittleDesktop } from "../../../main/launcher/testing/little-desktop.ts";
import { Registry } from "../../../main/launcher/testing/registry.ts";
import { SmallEngine, whyNoEngine } from "../../../main/launcher/testing/small-engine.ts";

const why = whyNoEngine();
if (why !== undefined) console.log(`skipped: the launcher's screen (${why})`);

describe.skipIf(why !== undefined)("the launcher", () => {
  let bench: ShellBench;
  let small: SmallEngine;
  let registry: Registry;
  let page: Page;
  let image: string;

  beforeAll(async () => {
    [registry, small] = [await Registry.open(), await SmallEngine.open()];
    const root = makeLittleDesktop();
    image = registry.add("desktop", { layersBytes: [400_000, 3_000_000], root }).image;
    rmSync(root, { recursive: true });
    bench = await ShellBench.start({ env: { DOCKER_HOST: `unix://${small.socket}` } });
  });
  afterEach(async () => {
    registry.halfway = undefined;
    await page?.close();
  });
  afterAll(async () => {
    await bench?.close();
    await small?.close();
    await registry?.close();
  });

  const open = async (): Promise<void> => {
    page = await bench.open("#/launch");
    await page.getByTestId("launch-form").waitFor();
  };
  const stage = (name: string) => page.locator(`[data-testid=launch-progress][data-stage=${name}]`);

  it("shows the engine, what there is of a GPU, and a form that is filled in, at every size", async () => {
    await open();
    expect(await page.getByTestId("engine-facts").innerText()).toMatch(/^Docker \d.* processors? · /);
    expect(await page.getByTestId("launch-name").inputValue()).toBe("eglantine");
    expect(await page.getByTestId("launch-password").getAttribute("type")).toBe("password");
    expect(await page.getByTestId("launch-password").inputValue()).toMatch(/^\w{20}$/);
    expect(await page.getByTestId("gpu-none").getByRole("radio").isChecked()).toBe(true);
    expect(await bench.examine(page, "launcher")).toEqual([]);
    await page.getByTestId("launch-more").locator("summary").click();
    await page.getByTestId("launch-lines").locator("summary").click();
    await page.getByTestId("launch-compose").waitFor();
    expect(await bench.examine(page, "launcher-more")).toEqual([]);
  });

  it("writes the same as a command, which follows the form and never has the password", async () => {
    await open();
    const password = await page.getByTestId("launch-password").inputValue();
    await page.getByTestId("launch-lines").locator("summary").click();
    const line = page.getByTestId("launch-line");
    await page.getByTestId("launch-name").fill("workshop");
    await page.getByText("--name workshop ").waitFor();
    expect(await line.innerText()).toMatch(/^docker run .* --env BASIC_AUTH_PASSWORD \S+$/);
    const compose = await page.getByTestId("launch-compose").innerText();
    expect(compose).toContain('container_name: "workshop"');
    expect((await line.innerText()) + compose).not.toContain(password);
  });

  it("says beside a field what is wrong with it, goes to it, and launches nothing", async () => {
    await open();
    const before = bench.channel.calls.length;
    await page.getByTestId("launch-password").fill("short");
    await page.getByTestId("launch-name").fill("--privileged");
    await page.getByTestId("launch").click();
    expect(await page.getByTestId("launch-name").evaluate((field) => field === document.activeElement)).toBe(true);
    expect(await page.getByTestId("launch-password").getAttribute("aria-invalid")).toBe("true");
    expect(bench.channel.calls.slice(before).filter(({ name }) => name === "launch")).toEqual([]);
  });

  it("shows layers and bytes on their way, and takes all of it back when that is cancelled", async () => {
    await open();
    registry.halfway = "hold";
    await page.getByTestId("launch-image").fill(image);
    await page.getByTestId("launch").click();
    await until("its layers are halfway", () => registry.held === 3);
    await stage("pull").getByTestId("pull-layers").getByText("downloading").first().waitFor();
    await page
      .getByTestId("pull-bytes")
      .getByText(/^\d.* of .*MB · \d of 3 layers$/)
      .waitFor();
    expect(await bench.examine(page, "launcher-progress")).toEqual([]);
    await page.getByTestId("launch-cancel").click();
    await page.locator("[data-reason=cancelled]").waitFor();
    registry.halfway = undefined;
    registry.release();
    await page.getByTestId("launch-close").click();
    await page.getByTestId("launch-progress").waitFor({ state: "detached" });
  });

  it("says what went wrong and what to do about it", async () => {
    await open();
    await page.getByTestId("launch-image").fill(`${registry.host}/nothing:latest`);
    await page.getByTestId("launch").click();
    const failed = page.getByTestId("launch-failed");
    await failed.waitFor();
    expect(await failed.getAttribute("data-reason")).toBe("imageMissing");
    expect(await failed.innerText()).toMatch(/^There is no image .*nothing:latest\. Check its name and tag/);
    expect(await bench.examine(page, "launcher-failed")).toEqual([]);
  });

  it("takes the user to the desktop when it is ready, and looks after it from then on", async () => {
    await open();
    await page.getByTestId("launch-image").fill(image);
    await page.getByTestId("launch-name").fill("workshop");
    await page.getByTestId("launch-home").evaluate((field) => field.closest("details")?.setAttribute("open", ""));
    await page.getByTestId("launch-home").fill("workshop-home");
    await page.getByTestId("launch").click();
    await page.waitForURL(/\?desktop=[\w-]+/);
    const [saved] = await bench.parts.desktops.list();
    expect(page.url()).toContain(saved?.id ?? "no desktop");
    expect(saved).toMatchObject({ name: "workshop", target: { kind: "container", engine: "environment:" } });
    await page.close();

    await open();
    const row = page.getByTestId("container-workshop");
    await row.getByText("GPU 30%, 2.1 GB of 8.6 GB").waitFor();
    await page.getByTestId("log-workshop").click();
    await page.getByTestId("log-text-workshop").getByText("ready").waitFor();
    // The next one gets a name of its own.
    expect(await page.getByTestId("launch-name").inputValue()).toBe("eglantine");
    expect(await bench.examine(page, "launcher-containers")).toEqual([]);
    await page.getByTestId("stop-workshop").click();
    await page.getByTestId("start-workshop").waitFor();
    await page.getByTestId("start-workshop").click();
    await page.getByTestId("stop-workshop").waitFor();
  });

  it("removes a container when that is asked once, and its home when that is asked twice", async () => {
    await open();
    await page.getByTestId("remove-workshop").click();
    await page.getByTestId("remove-also").check();
    await page.getByTestId("remove-yes").click();
    await page.getByText("Delete the home of workshop for good?").waitFor();
    expect(await bench.examine(page, "launcher-remove")).toEqual([]);
    await page.getByTestId("remove-cancel").click();
    const engine = await (await bench.parts.launcher.own("environment:")).list();
    expect(engine).toMatchObject([{ name: "workshop", volume: "workshop-home" }]);
    await page.getByTestId("remove-workshop").click();
    await page.getByTestId("remove-also").check();
    await page.getByTestId("remove-yes").click();
    await page.getByTestId("remove-home-yes").click();
    await page.getByTestId("container-workshop").waitFor({ state: "detached" });
    expect(await bench.parts.desktops.list()).toEqual([]);
  });

  it("is used by the keyboard alone: engine, form, command, launch", async () => {
    await open();
    const reached: string[] = [];
    for (let presses = 0; presses < 60 && reached.at(-1) !== "launch"; presses++) {
      await page.keyboard.press("Tab");
      reached.push(await page.evaluate(() => document.activeElement?.getAttribute("data-testid") ?? ""));
    }
    expect(reached).toEqual(expect.arrayContaining(["engine", "launch-name", "launch-password", "launch"]));
  });

  it("adds an engine by its address, refuses what is none, and tells what a dead one is", async () => {
    await open();
    await page.getByTestId("engine-add").click();
    await page.getByTestId("engine-address").fill("ssh://ada:secret@desk");
    await page.getByTestId("engine-save").click();
    await page.locator("[data-reason=addressInvalid]").waitFor();
    await page.getByTestId("engine-address").fill("tcp://127.0.0.1:9");
    await page.getByTestId("engine-save").click();
    const failed = page.getByTestId("engine-failed");
    await failed.waitFor();
    expect(await failed.getAttribute("data-reason")).toBe("engineAbsent");
    await page.getByTestId("engine-forget").click();
    await page.getByTestId("launch-form").waitFor();
  });
});
