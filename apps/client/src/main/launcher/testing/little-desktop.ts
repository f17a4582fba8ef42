// What an image of Eglantine is to the launcher, in a few megabytes: a shell, something that runs, the answer that a viewer may connect, and a GPU's
// figures. For tests of the launcher's screen, whose engine has no network; the real image is run by `launch.system.test.ts`.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const PROGRAMS = ["/bin/sh", "/bin/sleep"] as const;
const SCRIPTS: Readonly<Record<string, string>> = {
  "/usr/share/eglantine/supervisor/health": "exit 0",
  "/usr/bin/nvidia-smi": "echo 30, 2048, 8192",
};

/** A folder that is its root; whoever asked for it removes it. */
export function makeLittleDesktop(): string {
  const root = mkdtempSync(join(tmpdir(), "egl-little-"));
  const libraries = execFileSync("ldd", PROGRAMS, { encoding: "utf8" }).matchAll(/(\/\S+\.so\S*) \(0x/g);
  const files = new Set([...PROGRAMS, ...[...libraries].map(([, path = ""]) => path)]);
  for (const path of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    execFileSync("cp", ["-L", path, join(root, path)]);
  }
  for (const [path, script] of Object.entries(SCRIPTS)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  for (const folder of ["tmp", "run", "proc", "sys", "dev", "etc", "home/user"])
    mkdirSync(join(root, folder), { recursive: true });
  execFileSync("chmod", ["755", root]);
  return root;
}
