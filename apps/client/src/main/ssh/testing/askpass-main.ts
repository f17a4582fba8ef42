// `askpass-program.ts` as a program of its own: what the application does when `ssh` starts it to ask.

import { askpass } from "../askpass-program.ts";

process.exitCode = await askpass(process.env, process.argv[2] ?? "", (answer) => void process.stdout.write(answer));
