// Kubernetes' own schema, as the types of the npm package kubernetes-models have it: a manifest is written down as a literal of its kind's
// type, and the compiler names every field that is not there, is missing, or has a value of another kind. Used by ../kubernetes.test.ts.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Resource } from "../../apps/client/src/main/kubernetes/kustomize.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Inside the tree, where the package is found. */
const OUTPUT = join(ROOT, "test/output");
const OPTIONS = [
  "--ignoreConfig",
  "--noEmit",
  "--strict",
  "--skipLibCheck",
  "--target",
  "esnext",
  "--module",
  "esnext",
];

/** The compiler's sentences. */
export function schemaProblems(resources: readonly Resource[]): string[] {
  mkdirSync(OUTPUT, { recursive: true });
  const folder = mkdtempSync(join(OUTPUT, "schema-"));
  try {
    for (const [index, resource] of resources.entries()) {
      const { apiVersion, kind } = resource;
      const type = `import type { I${kind} } from "kubernetes-models/${apiVersion}/${kind}";`;
      const text = `${type}\nexport const value: I${kind} = ${JSON.stringify(resource, undefined, 2)};\n`;
      writeFileSync(join(folder, `${index}-${kind}.ts`), text);
    }
    const files = resources.map(({ kind }, index) => `${index}-${kind}.ts`);
    const tsc = join(ROOT, "node_modules/.bin/tsc");
    const argv = [...OPTIONS, "--moduleResolution", "bundler", "--types", "", ...files];
    const { error, status, stdout } = spawnSync(tsc, argv, { cwd: folder, encoding: "utf8" });
    if (error !== undefined) throw error;
    const problems = stdout.split("\n").filter((line) => line.includes("error TS"));
    if (status !== 0 && problems.length === 0) throw new Error(`tsc ended with ${status}: ${stdout}`);
    return problems;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
