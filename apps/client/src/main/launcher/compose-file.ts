// A plan as a Compose file. PURE. From `plan.ts`. The password is the environment's, or .env's, beside it: Compose refuses to start without one.
// Strings are written as JSON, which YAML reads as they are.

import { HOME, type Plan } from "./plan.ts";

const text = (value: string) => JSON.stringify(value);

function list(name: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : [`    ${name}:`, ...items.map((item) => `      - ${item}`)];
}

function gpuLines(gpus: Plan["gpus"]): readonly string[] {
  if (gpus === undefined || gpus.driver === "cdi") return [];
  const which = gpus.devices.length === 0 ? "count: all" : `device_ids: [${gpus.devices.map(text).join(", ")}]`;
  return [
    "    deploy:",
    "      resources:",
    "        reservations:",
    "          devices:",
    `            - ${which}`,
    "              capabilities: [gpu]",
  ];
}

export function composeFile(plan: Plan): string {
  const publish = plan.publishAddress === "" ? "" : `${plan.publishAddress}:`;
  const cdi = plan.gpus?.driver === "cdi" ? plan.gpus.devices : [];
  const ports = ["tcp", "udp"].map((protocol) => text(`${publish}${plan.port}:${plan.port}/${protocol}`));
  const lines = [
    `# Set ${Object.keys(plan.secrets).join(", ")} in the environment, or in a file .env beside this one, then: ${plan.program} compose up --detach`,
    "services:",
    "  desktop:",
    `    container_name: ${text(plan.name)}`,
    `    image: ${text(plan.image)}`,
    ...(plan.refresh ? ["    pull_policy: always"] : []),
    `    restart: ${text(plan.restart ? "unless-stopped" : "no")}`,
    "    environment:",
    ...Object.entries(plan.env).map(([name, value]) => `      ${name}: ${text(value)}`),
    ...Object.keys(plan.secrets).map((name) => `      ${name}: ${text(`\${${name}:?set a password}`)}`),
    ...list("ports", ports),
    ...list(
      "volumes",
      [...(plan.home === "" ? [] : [`home:${HOME}`]), ...plan.binds].map((item) => text(item)),
    ),
    ...gpuLines(plan.gpus),
    ...list(
      "devices",
      [...plan.devices.map((path) => `${path}:${path}`), ...cdi].map((item) => text(item)),
    ),
    ...list(
      "group_add",
      plan.groups.map((item) => text(item)),
    ),
    "    read_only: true",
    "    cap_drop: [ALL]",
    '    security_opt: ["no-new-privileges:true"]',
    ...list(
      "tmpfs",
      Object.entries(plan.tmpfs).map(([folder, options]) => text(`${folder}:${options}`)),
    ),
    `    shm_size: ${plan.shmBytes}`,
    `    pids_limit: ${plan.pids}`,
    `    stop_grace_period: ${plan.stopSeconds}s`,
    ...(plan.memoryBytes === 0 ? [] : [`    mem_limit: ${plan.memoryBytes}`]),
    ...(plan.cpus === 0 ? [] : [`    cpus: ${plan.cpus}`]),
    ...(plan.home === "" ? [] : ["volumes:", "  home:", `    name: ${text(plan.home)}`]),
  ];
  return `${lines.join("\n")}\n`;
}
