// The user's login at a registry, as `docker login` keeps it: in ~/.docker/config.json, or with one of its credential helpers. It goes to the engine
// with the request and nowhere else. Used by `launch.ts`.

import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { dockerFolder, type DockerSurroundings } from "./connection.ts";

/** As the Engine API has it in X-Registry-Auth. */
export interface RegistryLogin {
  readonly serveraddress: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

const DOCKER_HUB = "https://index.docker.io/v1/";
const HELPER_WITHIN_MS = 10_000;

/** PURE. The registry of an image's name, as the CLI files it. */
export function registryOf(image: string): string {
  const [first = "", second] = image.split("/");
  const named = second !== undefined && (/[.:]/.test(first) || first === "localhost");
  return !named || first === "docker.io" ? DOCKER_HUB : first;
}

interface CliConfig {
  readonly auths?: Readonly<Record<string, { readonly auth?: string; readonly identitytoken?: string }>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

/** Asks `docker-credential-NAME get`. Undefined: it knows none, or is not there. */
async function askHelper(
  name: string,
  registry: string,
  env: DockerSurroundings["env"],
): Promise<RegistryLogin | undefined> {
  if (!/^[\w.-]+$/.test(name)) return undefined;
  const child = spawn(`docker-credential-${name}`, ["get"], {
    env,
    stdio: ["pipe", "pipe", "ignore"],
    windowsHide: true,
    timeout: HELPER_WITHIN_MS,
  });
  const text = await new Promise<string>((resolve) => {
    let all = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      all += part;
    });
    child.once("error", () => resolve(""));
    child.once("close", (status) => resolve(status === 0 ? all : ""));
    // One that has gone already hears nothing: its end says so.
    child.stdin.on("error", () => undefined);
    child.stdin.end(registry);
  });
  if (text === "") return undefined;
  const { Username: username, Secret: secret } = JSON.parse(text) as { Username?: string; Secret?: string };
  if (username === undefined || secret === undefined) return undefined;
  return username === "<token>"
    ? { serveraddress: registry, identitytoken: secret }
    : { serveraddress: registry, username, password: secret };
}

/** For the registry of this image, as the Docker CLI has it; undefined: none, and the registry is asked without. */
export async function findLogin(image: string, surroundings: DockerSurroundings): Promise<RegistryLogin | undefined> {
  const registry = registryOf(image);
  let config: CliConfig;
  try {
    config = JSON.parse(await readFile(join(dockerFolder(surroundings), "config.json"), "utf8")) as CliConfig;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code !== undefined) return undefined;
    throw error;
  }
  const helper = config.credHelpers?.[registry] ?? config.credsStore;
  if (helper !== undefined) return askHelper(helper, registry, surroundings.env);
  const { auth, identitytoken } = config.auths?.[registry] ?? config.auths?.[`https://${registry}`] ?? {};
  if (identitytoken !== undefined && identitytoken !== "") return { serveraddress: registry, identitytoken };
  if (auth === undefined || auth === "") return undefined;
  const both = Buffer.from(auth, "base64").toString("utf8");
  const colon = both.indexOf(":");
  return { serveraddress: registry, username: both.slice(0, colon), password: both.slice(colon + 1) };
}
