// Printing in a container without any right: what a program prints is a PDF in the home, under its title.

import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { until } from "../../test/harness/until.ts";
import type { Container } from "./container.ts";
import { BUILD_WITHIN_MS, Engine } from "./engine.ts";
import { CONFINED, servicePid } from "./services.ts";

/** Two cores that do other work. */
const SLOW = { limitMs: 60_000 };
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const engine = await Engine.open();
let container: Container;

beforeAll(async () => {
  if (engine === undefined) return;
  container = await engine.run({
    image: await engine.image("desktop"),
    flags: [...CONFINED, "--user=54321:54321", "--tmpfs=/home/user:uid=54321,gid=54321"],
    env: { EGLANTINE_DESKTOP: "sleep infinity", BASIC_AUTH_PASSWORD: "to the desktop" },
  });
  await container.untilReady();
  await until(
    "a printer",
    async () => (await container.tryOnDesktop("lpstat", "-r")).stdout.includes("is running"),
    SLOW,
  );
}, BUILD_WITHIN_MS);
afterAll(async () => {
  await container?.close();
  await engine?.close();
});

/** A paper of one page, as programs send it. */
function pdf(text: string): string {
  const page = `BT /F 24 Tf 72 700 Td (${text}) Tj ET`;
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
    `<< /Length ${page.length} >>\nstream\n${page}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  ];
  let file = "%PDF-1.4\n";
  const entries = objects.map((object, index) => {
    const at = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(at).padStart(10, "0")} 00000 n \n`;
  });
  const table = `xref\n0 ${entries.length + 1}\n0000000000 65535 f \n${entries.join("")}`;
  return `${file}${table}trailer\n<< /Size ${entries.length + 1} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`;
}

/** As a program does it. */
const print = (title: string, text: string) =>
  container.tryOnDesktop("sh", "-c", 'printf %s "$1" | lp -t "$2"', "sh", pdf(text), title);

const papers = async (): Promise<string[]> => {
  const listed = await container.tryExec(["ls", "-A", "/home/user/PDF"]);
  return listed.stdout.split("\n").filter((name) => name !== "");
};
const paperNamed = (name: string): Promise<void> =>
  until(`a paper named ${name}`, async () => (await papers()).includes(name), SLOW);
const textOf = async (name: string): Promise<string> =>
  (await container.exec("pdftotext", `/home/user/PDF/${name}`, "-")).trim();

describe.skipIf(engine === undefined)("what is printed", () => {
  test("is a PDF in the home, by the only printer, which nobody has to choose", async () => {
    expect(await container.onDesktop("lpstat", "-d")).toContain("PDF");
    await print("A letter, Grüße", "words on paper");
    await paperNamed("A letter, Grüße.pdf");
    expect(await textOf("A letter, Grüße.pdf")).toBe("words on paper");
  });

  test("never replaces what was printed before", async () => {
    await print("twice", "first");
    await paperNamed("twice.pdf");
    await print("twice.pdf", "second");
    await paperNamed("twice (2).pdf");
    expect([await textOf("twice.pdf"), await textOf("twice (2).pdf")]).toEqual(["first", "second"]);
  });

  test("stays in its folder, and is seen there, whatever its title is", async () => {
    await print("../../../tmp/out of here", "hostile");
    await paperNamed("_.._.._tmp_out of here.pdf");
    await print("-rf", "an option");
    await paperNamed("-rf.pdf");
    expect((await papers()).filter((name) => name.startsWith("."))).toEqual([]);
  });

  test("is printed again after the printer died", async () => {
    const pid = await servicePid(container, "printing");
    await container.exec("kill", "-9", String(pid));
    await until(
      "another printer",
      async () => ![undefined, pid].includes(await servicePid(container, "printing")),
      SLOW,
    );
    await until(
      "a paper",
      async () => {
        await print("afterwards", "afterwards");
        return (await papers()).includes("afterwards.pdf");
      },
      SLOW,
    );
    expect(await textOf("afterwards.pdf")).toBe("afterwards");
  });

  test("goes by no port", async () => {
    expect(await container.exec("sh", "-c", "cat /proc/net/tcp /proc/net/tcp6")).not.toMatch(/:0277 .* 0A /);
  });
});
