// Which Debian packages are needed and how they get onto the machine. Lists come from packages.json; install.mjs calls this first.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** An expected refusal with a text for the person at the prompt: printed without a stack. */
export class InstallError extends Error {}

/** @returns {Record<string, Record<string, string>>} group → package → why it is needed */
export function readGroups() {
  return JSON.parse(readFileSync(new URL("packages.json", import.meta.url), "utf8"));
}

/** @type {Partial<Record<string, string>>} Node's names of processors → Debian's */
const ARCHITECTURES = { x64: "amd64" };

/**
 * The packages of the groups, each once, in the order of the lists. "a [amd64]" is one for that architecture alone.
 * @param {Record<string, Record<string, string>>} groups
 * @param {readonly string[]} names
 * @param {string} [own] architecture of this machine, as Debian names it
 * @returns {string[]}
 */
export function packagesOf(groups, names, own = ARCHITECTURES[process.arch] ?? process.arch) {
  const packages = new Set();
  for (const name of names) {
    const group = groups[name];
    if (group === undefined)
      throw new InstallError(`no package group "${name}" (have ${Object.keys(groups).join(", ")})`);
    for (const entry of Object.keys(group)) {
      const { pkg, architecture } = /^(?<pkg>\S+)(?: \[(?<architecture>\w+)\])?$/u.exec(entry)?.groups ?? {};
      if (pkg !== undefined && (architecture === undefined || architecture === own)) packages.add(pkg);
    }
  }
  return [...packages];
}

/**
 * @param {readonly string[]} wanted
 * @param {string} dpkgOutput lines of `package status`, as dpkg-query -W -f='${Package} ${db:Status-Status}\n' prints them
 * @returns {string[]} those not fully installed; of "a|b" either will do
 */
export function missingPackages(wanted, dpkgOutput) {
  const installed = new Set();
  for (const line of dpkgOutput.split("\n")) {
    const [name, status] = line.trim().split(/\s+/u);
    if (name !== undefined && status === "installed") installed.add(name);
  }
  return wanted.filter((pkg) => !pkg.split("|").some((name) => installed.has(name)));
}

/**
 * Names that differ between releases, "a|b", become the first that this one has.
 * @param {readonly string[]} packages
 * @param {string} policy output of `apt-cache policy` for all the names
 * @returns {string[]}
 */
export function chooseNames(packages, policy) {
  const known = new Set(
    [...policy.matchAll(/^(\S+):\n(?: +.*\n)*? +Candidate: (?!\(none\))/gmu)].map((match) => match[1]),
  );
  return packages.map((pkg) => {
    const names = pkg.split("|");
    return names.find((name) => known.has(name)) ?? names[0] ?? pkg;
  });
}

/**
 * The one line a person can copy.
 * @param {readonly string[]} packages
 */
export function installLine(packages) {
  return `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages.join(" ")}`;
}

/**
 * @param {readonly string[]} packages
 * @param {"root" | "sudo"} rights
 * @returns {{ repair: string[], update: string[], install: string[] }} argument vectors
 */
export function aptCommands(packages, rights) {
  const asRoot = rights === "root" ? [] : ["sudo", "-n"];
  const apt = [...asRoot, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300"];
  return {
    repair: [...asRoot, "env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--configure", "-a"],
    update: [...apt, "-qq", "update"],
    install: [
      ...apt,
      "-qq",
      "-o",
      "Dpkg::Use-Pty=0",
      "-o",
      "Dpkg::Options::=--force-confold",
      "install",
      "-y",
      "--no-install-recommends",
      ...packages,
    ],
  };
}

/** @param {readonly string[]} argv */
function run(argv) {
  const [command, ...args] = argv;
  return spawnSync(command ?? "", args, { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8", maxBuffer: 1 << 26 });
}

/** @returns {"root" | "sudo" | "none"} what this user may do without being asked */
function rightsHere() {
  if (process.getuid?.() === 0) return "root";
  return spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0 ? "sudo" : "none";
}

/**
 * Installs what is missing of the groups; throws InstallError with the line to copy when it may not or cannot.
 * @param {readonly string[]} names groups of packages.json
 * @param {(line: string) => void} say
 */
export function installPackages(names, say) {
  const wanted = packagesOf(readGroups(), names);
  if (process.platform !== "linux") {
    throw new InstallError(
      `The desktop runs on Linux; this is ${process.platform}. Connect to one from here with the client instead.`,
    );
  }
  const query = run([
    "dpkg-query",
    "-W",
    "-f=${Package} ${db:Status-Status}\n",
    ...wanted.flatMap((pkg) => pkg.split("|")),
  ]);
  if (query.error !== undefined) {
    throw new InstallError(
      "This is not Debian or a system made from it (there is no dpkg-query), so packages cannot be installed for you.\n" +
        `Install what these Debian packages hold, then run again with EGLANTINE_SKIP_PACKAGES=1:\n  ${wanted.map((pkg) => pkg.split("|")[0]).join(" ")}`,
    );
  }
  const missing = missingPackages(wanted, query.stdout);
  if (missing.length === 0) return;

  // Before an update the lists may be empty: then the first name is as good as any.
  const named = () =>
    chooseNames(missing, run(["apt-cache", "policy", ...missing.flatMap((pkg) => pkg.split("|"))]).stdout ?? "");
  const rights = rightsHere();
  if (rights === "none") {
    throw new InstallError(
      `${missing.length} Debian packages are missing and this user may not install them (not root, no sudo without a ` +
        `password). Run this once, then again what you just ran:\n\n  ${installLine(named())}\n`,
    );
  }
  say(
    `Debian packages: installing ${missing.length} (${missing
      .slice(0, 4)
      .map((pkg) => pkg.split("|")[0])
      .join(" ")}${missing.length > 4 ? " …" : ""})`,
  );
  let failure = "";
  for (const attempt of [1, 2]) {
    if (attempt === 2) {
      say("Debian packages: that failed, trying once more");
      run(aptCommands([], rights).repair);
    }
    const update = run(aptCommands([], rights).update);
    const install = run(aptCommands(named(), rights).install);
    if (install.status === 0) return;
    failure = `${update.stderr}${install.stdout}${install.stderr}`.trim().split("\n").slice(-15).join("\n");
  }
  throw new InstallError(`apt-get failed:\n${failure}\n\nWhen it is repaired, run:\n\n  ${installLine(named())}\n`);
}
