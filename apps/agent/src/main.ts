// Start of the program: command line in, exit code out. Everything else is built by `agent.ts`.

import { startAgent, VERSION } from "./agent.ts";
import { loadNativeSound } from "./audio/native.ts";
import { helpText } from "./config/describe.ts";
import { programEnvironment, readCommand } from "./config/load.ts";
import { doctorCommand } from "./doctor/command.ts";
import { BUG_EXIT_CODE, StartError, UsageError } from "./errors.ts";
import { createLog } from "./log.ts";
import { createWebRtc } from "./transport/webrtc.ts";
import { loadNativeAddon } from "./video/native.ts";
import { createVideoPipeline } from "./video/pipeline.ts";
import { offers, prepare } from "./video/select.ts";

/** A close that hangs is cut off: the supervisor counts seconds too. */
const CLOSE_MS = 900;

async function run(): Promise<void> {
  const command = readCommand(process.argv.slice(2));
  if (command.name === "help") {
    process.stdout.write(helpText());
    return;
  }
  if (command.name === "version") {
    process.stdout.write(`eglantine-agent ${VERSION}\n`);
    return;
  }
  const { config } = command;
  if (command.name === "doctor") {
    const { request } = command;
    const agent = `eglantine-agent ${VERSION}`;
    process.exit(await doctorCommand({ config, request, environment: programEnvironment, agent }));
  }
  const log = createLog(config.logLevel);
  const onBug = (error: unknown) => {
    log.fatal({ err: error }, "bug: the agent ends and is to be started again");
    process.exit(BUG_EXIT_CODE);
  };
  process.on("uncaughtException", onBug);
  process.on("unhandledRejection", onBug);

  const offerEncoders = () => offers(loadNativeAddon());
  const prepareEncoder = (name: string) => prepare(loadNativeAddon(), name);
  const media = { createVideoPipeline, createWebRtc, loadNativeAddon, loadNativeSound, prepareEncoder, offerEncoders };
  const agent = await startAgent(config, media, log);
  if (agent.newPassword !== undefined) {
    const { password, file } = agent.newPassword;
    process.stdout.write(`${agent.url} asks for user "${config.user}" and password "${password}" (kept in ${file})\n`);
  }
  const onSignal = (signal: NodeJS.Signals) => {
    log.info({ signal }, "agent ends");
    setTimeout(() => process.exit(0), CLOSE_MS).unref();
    agent.close().then(() => process.exit(0), onBug);
  };
  process.once("SIGTERM", onSignal);
  process.once("SIGINT", onSignal);
}

run().catch((error: unknown) => {
  if (!(error instanceof UsageError) && !(error instanceof StartError)) throw error;
  process.stderr.write(`eglantine-agent: ${error.message}\n`);
  process.exit(error.exitCode);
});
