// The place Kubernetes in the built page, in real Chromium, with the real shell behind it and the tests' API server behind that: what the user sees,
// and what comes of it in the cluster.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { ShellBench } from "../../../../../../test/harness/shell-page.ts";
import { KubernetesBench } from "../../../main/kubernetes/testing/kubernetes-bench.ts";

const env: Record<string, string | undefined> = {};
let shell: ShellBench;
let kube: KubernetesBench;
const pages: Page[] = [];

beforeAll(async () => {
  shell = await ShellBench.start({ env });
});
afterAll(() => shell?.close());
beforeEach(async () => {
  kube = await KubernetesBench.start({ isWilling: false });
  Object.assign(env, kube.environment);
});
afterEach(async () => {
  for (const page of pages.splice(0)) await page.context().close();
  await kube.close();
});

async function open(path = "#/kubernetes"): Promise<Page> {
  const page = await shell.open(path);
  pages.push(page);
  return page;
}

/** As the user does it. */
async function create(page: Page, fields: Readonly<Record<string, string>> = {}): Promise<void> {
  await page.getByTestId("new-desktop").click();
  for (const [field, value] of Object.entries(fields)) await page.getByTestId(`field-${field}`).fill(value);
  await page.getByTestId("create").click();
}
const row = (page: Page, name = "eglantine-desk") => page.getByTestId(`desktop-${name}`);
const reaches = (page: Page, stage: string) =>
  page.locator(`[data-testid="desktop-eglantine-desk"][data-stage="${stage}"]`).waitFor();
const objects = (resource: string) => kube.server.objects.list(resource, "desks").map(({ metadata }) => metadata.name);

it("a desktop from the form comes to be, step by step, in front of the user", async () => {
  const page = await open();
  await create(page, { idleMinutes: "30" });
  await reaches(page, "scheduling");
  const pod = kube.cluster.podOf("eglantine-desk");
  kube.cluster.schedule(pod);
  kube.cluster.pull(pod);
  await reaches(page, "pulling");
  kube.cluster.run(pod);
  await reaches(page, "starting");
  kube.cluster.ready(pod);
  await reaches(page, "ready");
  expect(await row(page).innerText()).toMatch(
    /Ready[\s\S]*on node-1[\s\S]*nvidia.com\/gpu × 1[\s\S]*stops after 30 minutes/,
  );
  await row(page).getByRole("button", { name: "Stop" }).click();
  await reaches(page, "stopped");
  await row(page).getByRole("button", { name: "Start" }).click();
  await reaches(page, "scheduling");
});

it("list, problems and form fit at every size, light and dark, for everybody", async () => {
  const page = await open();
  await create(page);
  await reaches(page, "scheduling");
  const sentence =
    "0/5 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 4 Insufficient nvidia.com/gpu.";
  kube.cluster.unschedulable(kube.cluster.podOf("eglantine-desk"), sentence);
  await row(page).locator('[data-reason="no-gpu"]').waitFor();
  expect(await row(page).innerText()).toContain("4 of 5 nodes have no free nvidia.com/gpu.");
  expect(await shell.examine(page, "kubernetes")).toEqual([]);
  await page.getByTestId("new-desktop").click();
  await page.getByText("Access through an Ingress").click();
  expect(await shell.examine(page, "kubernetes-form")).toEqual([]);
});

it("a plug-in of the kubeconfig is shown, and runs only once the user lets it", async () => {
  const ran = join(kube.folder, "ran");
  kube.writeConfig({ exec: { command: "touch", args: [ran], env: [{ name: "PROFILE", value: "my team" }] } });
  const page = await open();
  await page.getByTestId("plugin").waitFor();
  expect(await page.getByTestId("plugin-command").innerText()).toBe(`touch ${ran}`);
  expect(await page.getByTestId("plugin").innerText()).toContain("PROFILE='my team'");
  expect(await shell.examine(page, "kubernetes-plugin")).toEqual([]);
  expect([existsSync(ran), kube.server.requests.length]).toEqual([false, 0]);
  await page.getByTestId("plugin-allow").click();
  // It gives no token, which is said; and it has run.
  await page.locator('[data-reason="plugin-failed"]').first().waitFor();
  expect(existsSync(ran)).toBe(true);
});

it("without a kubeconfig it says where one belongs, and finds one that is put there", async () => {
  env["KUBECONFIG"] = join(kube.folder, "none");
  const page = await open();
  await page.locator('[data-reason="no-kubeconfig"]').waitFor();
  expect(await page.getByRole("alert").innerText()).toContain(join(kube.folder, "none"));
  expect(await shell.examine(page, "kubernetes-none")).toEqual([]);
  env["KUBECONFIG"] = kube.environment["KUBECONFIG"];
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByTestId("new-desktop").waitFor();
});

it("a missing right is said in the form, which keeps what was entered", async () => {
  kube.server.deny("create secrets");
  const page = await open();
  await create(page, { name: "mine" });
  await page.locator('[data-reason="forbidden"]').waitFor();
  expect(await page.getByTestId("kubernetes-form").innerText()).toContain(
    "You may not “create secrets” in the namespace desks.",
  );
  expect(await page.getByTestId("field-name").inputValue()).toBe("mine");
  expect(objects("apis/apps/v1 deployments")).toEqual([]);
});

it("what a field may not hold is said beside it, and nothing is sent until it is mended", async () => {
  const page = await open();
  await page.getByTestId("new-desktop").click();
  const field = (name: string) => page.getByTestId(`field-${name}`);
  const form = page.getByTestId("kubernetes-form");
  await field("name").fill("My Desk");
  await field("pullSecret").fill("my account");
  await field("memoryRequestGibibytes").fill("32");
  await field("memoryLimitGibibytes").fill("16");
  await page.getByText("Access through an Ingress").click();
  await field("ingressHost").fill("https://desk.example.org/");
  expect(await form.innerText()).toContain("A name has small letters, digits and hyphens");
  expect(await form.innerText()).toContain("That is more than the 16 GiB that it may use.");
  expect(await shell.examine(page, "kubernetes-wrong")).toEqual([]);
  // The first one that is wrong has the focus, in a part that was folded too.
  await page.getByText("Access through an Ingress").click();
  await field("name").fill("mine");
  await field("pullSecret").fill("account");
  await field("memoryRequestGibibytes").fill("8");
  await page.getByTestId("create").click();
  await expect.poll(() => field("ingressHost").evaluate((input) => input === document.activeElement)).toBe(true);
  expect(await field("ingressHost").isVisible()).toBe(true);
  expect(kube.server.taken).toEqual([]);
  // Hidden with the resource: it does not count.
  await field("gpuCount").fill("99");
  await field("gpuResource").fill("");
  await field("ingressHost").fill("");
  await page.getByTestId("create").click();
  await row(page, "eglantine-mine").waitFor();
  expect(kube.server.objects.get("apis/apps/v1 deployments", "desks", "eglantine-mine")).toMatchObject({
    spec: {
      template: {
        spec: {
          imagePullSecrets: [{ name: "account" }],
          containers: [{ resources: { requests: { memory: "8Gi" }, limits: { memory: "16Gi" } } }],
        },
      },
    },
  });
});

it("an image whose pull secret is missing says so, with the command that makes it", async () => {
  const page = await open();
  await create(page, { image: "r.example.org/eglantine:full", pullSecret: "account" });
  await reaches(page, "scheduling");
  const pod = kube.cluster.podOf("eglantine-desk");
  kube.cluster.schedule(pod);
  kube.cluster.pullSecretMissing(pod);
  kube.cluster.pullFails(pod, "failed to authorize: 401 Unauthorized");
  await row(page).locator('[data-reason="image-secret"]').waitFor();
  expect(await row(page).innerText()).toContain(
    "kubectl create secret docker-registry account --namespace=desks --docker-server=r.example.org",
  );
  expect(await shell.examine(page, "kubernetes-secret")).toEqual([]);
});

it("a cluster that is away is said, and the list comes once it is back", async () => {
  kube.server.broken = { code: 503, text: "<h1>down</h1>" };
  const page = await open();
  await page.locator('[data-reason="cluster-failed"]').first().waitFor();
  kube.server.broken = undefined;
  await page.getByText("You have no desktops in desks yet.").waitFor();
  await expect.poll(() => page.locator('[data-reason="cluster-failed"]').count()).toBe(0);
});

it("removing asks; the home stays unless that is asked for too, and twice", async () => {
  const page = await open();
  await create(page);
  await reaches(page, "scheduling");
  await row(page).getByRole("button", { name: "Remove" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await row(page).getByRole("button", { name: "Remove" }).click();
  expect(await shell.examine(page, "kubernetes-removal")).toEqual([]);
  await page.getByTestId("remove-now").click();
  await reaches(page, "home-kept");
  expect([objects("apis/apps/v1 deployments"), objects("api/v1 persistentvolumeclaims")]).toEqual([
    [],
    ["eglantine-desk-home"],
  ]);
  await row(page).getByRole("button", { name: "Delete home" }).click();
  await page.getByTestId("remove-now").click();
  // Not yet.
  await page.getByTestId("remove-for-good").waitFor();
  expect(objects("api/v1 persistentvolumeclaims")).toEqual(["eglantine-desk-home"]);
  await page.getByTestId("remove-for-good").click();
  await page.getByText("You have no desktops in desks yet.").waitFor();
  expect(objects("api/v1 persistentvolumeclaims")).toEqual([]);
});

it("the logs of a desktop that crashes are there to read", async () => {
  const page = await open();
  await create(page);
  await reaches(page, "scheduling");
  const pod = kube.cluster.podOf("eglantine-desk");
  kube.cluster.schedule(pod);
  kube.server.logs.set(`${pod.metadata.name} previous`, "no X server\n");
  kube.cluster.crash(pod, 1);
  await row(page).locator('[data-reason="crashed"]').waitFor();
  await row(page).getByRole("button", { name: "Logs" }).click();
  await expect.poll(() => page.getByTestId("kubernetes-logs").innerText()).toContain("no X server");
  expect(await shell.examine(page, "kubernetes-logs")).toEqual([]);
});

it("everything can be done by the keyboard alone", async () => {
  const page = await open();
  await page.getByTestId("new-desktop").waitFor();
  const press = async (testId: string) => {
    for (let count = 0; count < 60; count += 1) {
      if ((await page.evaluate(() => document.activeElement?.getAttribute("data-testid"))) === testId) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`Tab does not come to ${testId}`);
  };
  await press("new-desktop");
  await page.keyboard.press("Enter");
  await page.getByTestId("field-name").waitFor();
  await press("field-name");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("mine");
  await page.keyboard.press("Enter");
  await row(page, "eglantine-mine").waitFor();
});

it("opened, the desktop is reached through the forwarded port and let in by the Secret's password", async () => {
  kube.cluster.isWilling = true;
  const page = await open();
  await create(page);
  await reaches(page, "ready");
  const { data } = kube.server.objects.get("api/v1 secrets", "desks", "eglantine-desk") as {
    data?: { password?: string };
  };
  const agent = await shell.startAgent({ password: Buffer.from(data?.password ?? "", "base64").toString() });
  const pod = kube.cluster.podOf("eglantine-desk").metadata.name;
  kube.server.forwarding.ports.set(`${pod} 8080`, Number(new URL(agent.url).port));
  await row(page).getByRole("button", { name: "Open" }).click();
  await page.waitForSelector('html[data-state="connected"]', { state: "attached" });
  expect(kube.server.forwarding.count).toBeGreaterThan(0);
});
