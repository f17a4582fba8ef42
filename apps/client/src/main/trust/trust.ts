// Trust as SSH has it: a key that nobody vouches for is shown once and kept; another one in its place stops everything. Whoever sees a certificate
// asks here: the page before it connects, by way of `probe.ts`, and Chromium for each connection that it would refuse (`main.ts`).

import { X509Certificate } from "node:crypto";
import { type Answers, type Outcome, WrongParameter } from "../../shared/bridge-call.ts";
import type { Question } from "../../shared/questions.ts";
import type { TRUST_CALLS, TrustReason } from "../../shared/trust.ts";
import { PAGE_URL_CHARS_MAX, travelsInClear } from "../../shared/web-address.ts";
import type { Answer } from "../questions.ts";
import { describeCertificate, type Endpoint, endpointOf, fingerprintOf } from "./certificate.ts";
import { judge } from "./judge.ts";
import type { Pins } from "./pins.ts";
import { probe } from "./probe.ts";

export interface TrustOptions {
  readonly pins: Pins;
  readonly ask: (question: Question, signal?: AbortSignal) => Promise<Answer>;
  /** Since the epoch. */
  readonly nowMs: () => number;
}

export class Trust {
  readonly #options: TrustOptions;
  /** The same key of the same server is asked for once, whoever wants to know. */
  readonly #asking = new Map<string, Promise<TrustReason | undefined>>();

  constructor(options: TrustOptions) {
    this.#options = options;
  }

  /** Before anything is sent there. Undefined: go on. What can't be reached passes: whoever connects then finds out why. */
  async check(url: string, signal?: AbortSignal): Promise<TrustReason | undefined> {
    const at = endpointOf(url);
    if (at === undefined) return undefined;
    if (travelsInClear(url)) return this.#checkClear(at, signal);
    if (!url.startsWith("https:")) return undefined;
    const seen = await probe(at, signal);
    return seen === undefined ? undefined : this.#check(at, seen.certificate, seen.error, signal);
  }

  /** Of a connection that Chromium would refuse: `error` is its name for why. `pem`: the certificate. */
  async mayConnect(url: string, error: string, pem: string): Promise<boolean> {
    const at = endpointOf(url);
    return at !== undefined && (await this.#check(at, new X509Certificate(pem), error)) === undefined;
  }

  async #check(
    at: Endpoint,
    certificate: X509Certificate,
    error: string | undefined,
    signal?: AbortSignal,
  ): Promise<TrustReason | undefined> {
    const { pins, nowMs } = this.#options;
    const fingerprint = fingerprintOf(certificate);
    const verdict = judge(error, fingerprint, await pins.find(at.endpoint));
    switch (verdict.standing) {
      case "trusted":
        return undefined;
      case "pinned":
        await pins.keep(at.endpoint, fingerprint, nowMs());
        return undefined;
      case "refused":
        return "refused";
      case "unknown":
      case "changed": {
        const shown = describeCertificate(certificate, at, verdict.problems, nowMs());
        const question: Question =
          verdict.standing === "unknown"
            ? { kind: "certificate-unknown", certificate: shown }
            : {
                kind: "certificate-changed",
                certificate: shown,
                knownFingerprint: verdict.pin.fingerprint,
                knownSinceMs: verdict.pin.firstSeenMs,
              };
        return this.#once(`${at.endpoint} ${fingerprint}`, async () => {
          if ((await this.#options.ask(question, signal)) !== "accept") {
            return verdict.standing === "unknown" ? "declined" : "changed";
          }
          await pins.keep(at.endpoint, fingerprint, nowMs());
          return undefined;
        });
      }
    }
  }

  async #checkClear({ endpoint }: Endpoint, signal?: AbortSignal): Promise<TrustReason | undefined> {
    const { pins, ask, nowMs } = this.#options;
    if (await pins.mayBeClear(endpoint)) return undefined;
    return this.#once(endpoint, async () => {
      if ((await ask({ kind: "clear-text", endpoint }, signal)) !== "accept") return "clear";
      await pins.allowClear(endpoint, nowMs());
      return undefined;
    });
  }

  #once(what: string, ask: () => Promise<TrustReason | undefined>): Promise<TrustReason | undefined> {
    const asking = this.#asking.get(what) ?? ask().finally(() => this.#asking.delete(what));
    this.#asking.set(what, asking);
    return asking;
  }
}

export function trustAnswers({ trust }: { readonly trust: Trust }): Answers<typeof TRUST_CALLS> {
  return {
    checkTrust: async (parameter): Promise<Outcome<null, TrustReason>> => {
      const at =
        typeof parameter === "string" && parameter.length <= PAGE_URL_CHARS_MAX ? endpointOf(parameter) : undefined;
      if (at === undefined) throw new WrongParameter("no address");
      const reason = await trust.check(parameter as string);
      return reason === undefined ? { ok: null } : { failed: { reason, parameters: { host: at.endpoint } } };
    },
  };
}
