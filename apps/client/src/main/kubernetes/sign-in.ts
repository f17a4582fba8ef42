// How one context of the kubeconfig signs in. A plug-in runs only when the user has confirmed exactly it (`memory.ts`), and again when
// what it gave has expired or was refused. The old `auth-provider`s that start programs of their own accord are never used.
// Asked by `api.ts` at every request.

import type { SignInPlugin } from "../../shared/kubernetes.ts";
import { type Credential, fingerprintOf, runPlugin } from "./exec-plugin.ts";
import { KubernetesError } from "./failure.ts";
import type { ContextChoice } from "./kubeconfig.ts";
import type { KubernetesMemory } from "./memory.ts";

/** Some seconds before the cluster would refuse it. */
const MARGIN_MS = 10_000;

export class SignIn {
  readonly #choice: ContextChoice;
  readonly #memory: KubernetesMemory;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  #credential: Promise<Credential> | undefined;
  /** What came of it. */
  #held: Credential | undefined;

  constructor(
    choice: ContextChoice,
    memory: KubernetesMemory,
    environment: Readonly<Record<string, string | undefined>>,
  ) {
    this.#choice = choice;
    this.#memory = memory;
    this.#environment = environment;
  }

  /** Throws where this context cannot sign in, before anything is asked of the network. */
  async check(): Promise<void> {
    const { user, cluster } = this.#choice;
    const provider = user["auth-provider"]?.name;
    // "oidc" asks the network alone; the others, gcp and azure, start what their configuration says.
    if (provider !== undefined && provider !== "oidc") throw new KubernetesError("sign-in-removed", { provider });
    if (!isEncryptedOrOwn(cluster.server)) throw new KubernetesError("not-encrypted", { server: cluster.server });
    if (user.exec !== undefined && !(await this.#memory.isConfirmed(fingerprintOf(user.exec)))) {
      throw new KubernetesError("plugin-unconfirmed", { command: user.exec.command });
    }
  }

  /** Of the plug-in; undefined where the kubeconfig itself has what it takes. */
  async credential(): Promise<Credential | undefined> {
    const { exec } = this.#choice.user;
    if (exec === undefined) return undefined;
    await this.check();
    const known = await this.#credential?.catch(() => undefined);
    if (known !== undefined && known.expiresMs - MARGIN_MS > Date.now()) return known;
    const running = runPlugin(exec, this.#choice.cluster, this.#environment);
    this.#credential = running;
    this.#held = undefined;
    const credential = await running;
    this.#held = credential;
    return credential;
  }

  /** Throws where the plug-in would have to be run for the next question. */
  checkHeld(): void {
    const { exec } = this.#choice.user;
    if (exec === undefined) return;
    // Until that question has gone out, too.
    const isHeld = this.#held !== undefined && this.#held.expiresMs - 2 * MARGIN_MS > Date.now();
    if (!isHeld) throw new KubernetesError("plugin-unconfirmed", { command: exec.command });
  }

  /** The cluster has refused it. Answers whether another try makes sense. */
  forget(): boolean {
    const had = this.#credential !== undefined;
    this.#credential = undefined;
    this.#held = undefined;
    return had;
  }
}

/** `kubectl proxy` speaks plain HTTP, on this computer alone. */
function isEncryptedOrOwn(server: string): boolean {
  const { protocol, hostname } = URL.parse(server) ?? {};
  if (protocol === "https:") return true;
  return protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(hostname ?? "");
}

/** For the user to see. */
export async function pluginOf({ user }: ContextChoice, memory: KubernetesMemory): Promise<SignInPlugin | undefined> {
  if (user.exec === undefined) return undefined;
  const { command, args, env } = user.exec;
  const fingerprint = fingerprintOf(user.exec);
  return {
    command,
    arguments: args,
    environment: env,
    fingerprint,
    confirmed: await memory.isConfirmed(fingerprint),
  };
}
