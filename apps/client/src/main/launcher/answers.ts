// What the shell answers to the page's calls of `shared/launcher.ts`: parameters are taken for anything and read here; expected failures go back as
// reasons. Next: `launcher.ts`.

import { type Answers, readFields, WrongParameter } from "../../shared/bridge-call.ts";
import { readLaunchForm } from "../../shared/launch-form.ts";
import type { LAUNCHER_CALLS, LauncherOutcome } from "../../shared/launcher.ts";
import { LauncherError } from "./failure.ts";
import type { Launcher } from "./launcher.ts";

const TEXT_CHARS = 500;

function readText(value: unknown): string {
  if (typeof value !== "string" || !/^\P{C}+$/u.test(value) || value.length > TEXT_CHARS)
    throw new WrongParameter("no text");
  return value;
}

const readEngine = (parameter: unknown): string => readText(readFields(parameter)["engine"]);

function readContainer(parameter: unknown): readonly [engine: string, container: string] {
  const { engine, container } = readFields(parameter);
  const id = readText(container);
  // As engines name them: nothing that would be another place of the API.
  if (!/^[a-zA-Z0-9][\w.-]*$/.test(id)) throw new WrongParameter("no container");
  return [readText(engine), id];
}

async function outcome<T>(call: () => T | Promise<T>): Promise<LauncherOutcome<T>> {
  try {
    return { ok: await call() };
  } catch (error) {
    if (error instanceof LauncherError) return { failed: error.failure };
    throw error;
  }
}

function formOf(parameter: unknown) {
  const read = readLaunchForm(readFields(parameter));
  if ("wrong" in read) throw new LauncherError("formInvalid", { field: read.wrong });
  return read.form;
}

export function launcherAnswers(launcher: Launcher): Answers<typeof LAUNCHER_CALLS> {
  const done = async (call: Promise<void>) => {
    await call;
    return null;
  };
  return {
    listEngines: () => launcher.list(),
    addEngine: (parameter) => {
      const engine = readEngine(parameter);
      return outcome(() => launcher.add(engine));
    },
    forgetEngine: (parameter) => launcher.forget(readEngine(parameter)),
    inspectEngine: (parameter) => {
      const engine = readEngine(parameter);
      return outcome(() => launcher.inspect(engine));
    },
    writeLaunch: (parameter) => outcome(() => launcher.write(formOf(parameter))),
    launch: (parameter) =>
      outcome(() => {
        launcher.launch(formOf(parameter));
        return null;
      }),
    readLaunch: () => launcher.state ?? null,
    cancelLaunch: () => launcher.cancel(),
    listContainers: (parameter) => {
      const engine = readEngine(parameter);
      return outcome(async () => (await launcher.own(engine)).list());
    },
    startContainer: (parameter) => {
      const [engine, id] = readContainer(parameter);
      return outcome(async () => done((await launcher.own(engine)).start(id)));
    },
    stopContainer: (parameter) => {
      const [engine, id] = readContainer(parameter);
      return outcome(async () => done((await launcher.own(engine)).stop(id)));
    },
    removeContainer: (parameter) => {
      const [engine, id] = readContainer(parameter);
      const { volume } = readFields(parameter);
      if (typeof volume !== "boolean") throw new WrongParameter("no answer about the volume");
      return outcome(() => done(launcher.remove(engine, id, volume)));
    },
    readContainerLog: (parameter) => {
      const [engine, id] = readContainer(parameter);
      return outcome(async () => (await launcher.own(engine)).log(id));
    },
    readContainerStats: (parameter) => {
      const [engine, id] = readContainer(parameter);
      return outcome(async () => (await launcher.own(engine)).stats(id));
    },
    connectContainer: (parameter) => {
      const [engine, id] = readContainer(parameter);
      return outcome(() => launcher.connect(engine, id));
    },
  };
}
