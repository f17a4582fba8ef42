// A plan as a command line, to be copied into a terminal: sh, cmd or PowerShell. PURE. From `plan.ts`. It has no password: `-e NAME` without a value
// takes it from the shell's environment. Nor has it the launcher's label: what the user starts is the user's.

import { HOME, type Plan } from "./plan.ts";

/** The form lets nothing through that a shell would look at inside double quotes. */
const quoted = (word: string) => (/^[\w./:=@+-]+$/.test(word) ? word : `"${word}"`);

/** How the CLI is told which engine; nothing for its own choice. */
function engineWords(engine: string, program: Plan["program"]): readonly string[] {
  if (engine === "environment:") return [];
  if (engine.startsWith("context:")) return ["--context", engine.slice("context:".length)];
  const own = ["unix:///var/run/docker.sock", "npipe:////./pipe/docker_engine"];
  if (own.includes(engine)) return [];
  // Podman finds its own sockets; that of Docker's form is for its remote client.
  if (program === "podman")
    return engine.startsWith("unix://") || engine.startsWith("npipe://") ? [] : ["--url", engine];
  return engine.startsWith("tcp://") ? ["--host", engine, "--tlsverify"] : ["--host", engine];
}

function gpuWords(gpus: Plan["gpus"]): readonly string[] {
  if (gpus === undefined) return [];
  if (gpus.driver === "cdi") return gpus.devices.flatMap((device) => ["--device", device]);
  return ["--gpus", gpus.devices.length === 0 ? "all" : `device=${gpus.devices.join(",")}`];
}

/** The words, for whoever runs it without a shell. */
export function runWords(plan: Plan): readonly string[] {
  const publish = plan.publishAddress === "" ? "" : `${plan.publishAddress}:`;
  const env = Object.entries(plan.env).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
  return [
    plan.program,
    ...engineWords(plan.engine, plan.program),
    "run",
    "--detach",
    "--name",
    plan.name,
    ...(plan.refresh ? ["--pull", plan.program === "podman" ? "newer" : "always"] : []),
    ...(plan.restart ? ["--restart", "unless-stopped"] : []),
    ...["tcp", "udp"].flatMap((protocol) => ["--publish", `${publish}${plan.port}:${plan.port}/${protocol}`]),
    ...(plan.home === "" ? [] : ["--volume", `${plan.home}:${HOME}`]),
    ...plan.binds.flatMap((bind) => ["--volume", bind]),
    ...gpuWords(plan.gpus),
    ...plan.devices.flatMap((device) => ["--device", device]),
    ...plan.groups.flatMap((group) => ["--group-add", group]),
    "--read-only",
    "--cap-drop",
    "ALL",
    "--security-opt",
    "no-new-privileges:true",
    ...Object.entries(plan.tmpfs).flatMap(([folder, options]) => ["--tmpfs", `${folder}:${options}`]),
    "--shm-size",
    String(plan.shmBytes),
    "--pids-limit",
    String(plan.pids),
    "--stop-timeout",
    String(plan.stopSeconds),
    ...(plan.memoryBytes === 0 ? [] : ["--memory", String(plan.memoryBytes)]),
    ...(plan.cpus === 0 ? [] : ["--cpus", String(plan.cpus)]),
    ...env,
    ...Object.keys(plan.secrets).flatMap((name) => ["--env", name]),
    plan.image,
  ];
}

export function runLine(plan: Plan): string {
  return runWords(plan).map(quoted).join(" ");
}
