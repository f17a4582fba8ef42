// `pnpm check`: format, lint, types, generated documents, dead code, unit tests. Needs what `npm test` installs.

import { CHECK_STEPS, runSteps } from "./steps.mjs";

process.exitCode = runSteps(CHECK_STEPS).failed === 0 ? 0 : 1;
