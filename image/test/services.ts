// The services of a session in a container, and the session's readiness where its port speaks TLS. Used by the tests of this folder.

import { verdict } from "../../test/harness/knock.ts";
import { until } from "../../test/harness/until.ts";
import type { Container } from "./container.ts";

export const SERVICES = ["xvnc", "dbus", "sound", "desktop", "printing", "agent"] as const;
export type ServiceName = (typeof SERVICES)[number];

/** What operators take away from a container: everything. */
export const CONFINED = [
  "--read-only",
  "--tmpfs=/tmp",
  "--cap-drop=ALL",
  "--security-opt=no-new-privileges",
  "--memory=4g",
];

/** Undefined while it is down. */
export async function servicePid(container: Container, service: ServiceName): Promise<number | undefined> {
  const script = `exec s6-svstat -o pid "/tmp/eglantine-$(id -u)/scan/${service}"`;
  const { status, stdout } = await container.tryExec(["sh", "-c", script]);
  const pid = Number(stdout);
  return status === 0 && pid > 0 ? pid : undefined;
}

/** The agent answers at this address, TLS or not, whether it lets anybody in or not. */
export async function untilAnswers(container: Container, url: string): Promise<void> {
  await until(
    `${url} answers`,
    async () => {
      if (!(await container.isRunning())) throw new Error(`the container has ended:\n${await container.logs()}`);
      return verdict(url).then(
        () => true,
        () => false,
      );
    },
    { limitMs: 60_000, everyMs: 100 },
  );
}
