// The command line of `npm start`: what is for the session, what for this script, and what goes on to the agent as it is. Used by start.mjs.

export const USAGE = `Usage: npm start -- [--desktop plasma|COMMAND] [--display :N] [--port PORT] [--host ADDRESS] [--no-open] [--verbose] [option of the agent …]

  --desktop   what runs in the desktop: plasma (default) or any command line, e.g. --desktop xterm
  --display   stream this X display instead of starting a desktop
  --port      port to listen on (default: 8080, or the next free one)
  --host      address to listen on (default: 127.0.0.1)
  --no-open   do not open the desktop application
  --verbose   show the agent's log`;

const VALUED = new Set(["desktop", "display", "port", "host"]);
const SWITCHES = new Set(["no-open", "verbose", "help"]);

/**
 * @param {readonly string[]} args behind the script's name; `--flag value` and `--flag=value`
 * @returns {{ values: Map<string, string>, switches: Set<string>, agentArguments: string[] }} values without their dashes
 * @throws {RangeError} a flag's value is missing
 */
export function readArguments(args) {
  const values = new Map();
  const switches = new Set();
  const agentArguments = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    const [, name = "", , value] = /^--([a-z-]+)(=(.*))?$/su.exec(arg) ?? [];
    if (SWITCHES.has(name)) {
      switches.add(name);
    } else if (VALUED.has(name)) {
      const given = value ?? args[++index];
      if (given === undefined || given === "") throw new RangeError(`--${name} needs a value`);
      values.set(name, given);
    } else {
      agentArguments.push(arg);
    }
  }
  return { values, switches, agentArguments };
}

/** Environment names of the viewers' password, as the agent reads them. */
const PASSWORD_NAMES = ["BASIC_AUTH_PASSWORD", "SELKIES_BASIC_AUTH_PASSWORD", "PASSWD"];

/**
 * A yes-or-no option as the agent reads it: the flag counts before the variables, an empty variable not at all.
 * @param {readonly string[]} args
 * @param {string} flag with its dashes
 * @param {readonly (string | undefined)[]} variables
 * @param {boolean} preset
 */
function isOn(args, flag, variables, preset) {
  const joined = args.find((arg) => arg.startsWith(`${flag}=`));
  const at = args.indexOf(flag);
  const fromFlag = joined?.slice(flag.length + 1) ?? (at < 0 ? undefined : (args[at + 1] ?? "true"));
  const value = fromFlag ?? variables.find((variable) => variable !== undefined && variable !== "");
  return value === undefined ? preset : !["false", "0", "no", "off", "n", "disabled"].includes(value.toLowerCase());
}

/**
 * Whether a viewer needs a password, and whether the user has chosen one.
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly string[]} agentArguments
 * @returns {"none" | "chosen" | "unset"}
 */
export function passwordState(env, agentArguments) {
  const variables = [env["ENABLE_BASIC_AUTH"], env["SELKIES_ENABLE_BASIC_AUTH"]];
  if (!isOn(agentArguments, "--auth", variables, true)) return "none";
  return PASSWORD_NAMES.some((name) => env[name] || env[`${name}_FILE`]) ? "chosen" : "unset";
}

/**
 * Whether the agent's port speaks TLS.
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly string[]} agentArguments
 */
export function isHttps(env, agentArguments) {
  return isOn(agentArguments, "--https", [env["ENABLE_HTTPS_WEB"], env["SELKIES_ENABLE_HTTPS"]], false);
}
