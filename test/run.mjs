// `npm test`: installs everything, then runs every test that the machine allows. Needs Node, npm and git only.
// Ends with the line "N passed, N failed, N skipped".

import { InstallError, install } from "../image/local/install.mjs";
import { CHECK_STEPS, ROOT, runSteps, SYSTEM_STEPS } from "./steps.mjs";

try {
  install({ root: ROOT, groups: ["session", "graphics", "build", "test"] });
  process.exitCode = runSteps([...CHECK_STEPS, ...SYSTEM_STEPS]).failed === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof InstallError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
