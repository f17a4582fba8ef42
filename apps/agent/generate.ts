// Writes the documents that come from the options' table, CONFIGURATION.md and image/.env.example, and from the doctor's checks, DOCTOR.md.
// With --check it writes nothing and exits 1 when one of them is stale.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { configurationDoc, envExample } from "./src/config/describe.ts";
import { doctorDoc } from "./src/doctor/describe.ts";
import { codeOf } from "./src/errors.ts";

const documents = [
  { file: new URL("CONFIGURATION.md", import.meta.url), text: configurationDoc() },
  { file: new URL("DOCTOR.md", import.meta.url), text: doctorDoc() },
  { file: new URL("../../image/.env.example", import.meta.url), text: envExample() },
];

function read(file: URL): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return "";
    throw error;
  }
}

for (const { file, text } of documents) {
  if (read(file) === text) continue;
  const path = fileURLToPath(file);
  if (process.argv.includes("--check")) {
    process.stderr.write(`${path} is stale: run pnpm generate\n`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(file, text);
  }
}
