// Check: the TURN server, asked for a relayed address with the credentials that viewers get, over every transport: the one that viewers are
// told to use gives the verdict, the others the remedy.

import { isIPv6 } from "node:net";
import { credentialsOf } from "../../transport/ice-servers.ts";
import { askAllocation, type TurnOutcome, type TurnTransport } from "../../transport/turn-ask.ts";
import type { Check, Finding } from "../types.ts";

export const turn: Check = {
  name: "turn",
  group: "network",
  title: "TURN server",
  doc: "TURN_HOST over UDP, TCP and TLS: reached, and a relayed address allocated with the viewers' credentials, which is given back.",
  limitMs: 25_000,
  run: async ({ config }, signal) => {
    const credentials = credentialsOf(config, "doctor", Date.now() / 1000);
    const { turnHost: host, turnPort: port, turnTls } = config;
    if (host === undefined || credentials === undefined) return NONE;
    const told: TurnTransport = turnTls ? "tls" : config.turnProtocol;
    const tried: readonly TurnTransport[] = turnTls ? ["tls"] : ["udp", "tcp"];
    const outcomes = await Promise.all(
      tried.map(async (transport) => ({
        transport,
        outcome: await askAllocation({ host, port, transport }, credentials, signal),
      })),
    );
    return judgeTurn({ host, port, told, outcomes, shared: config.turnSharedSecret !== undefined });
  },
};

const NONE: Finding = {
  verdict: "skip",
  seen: "TURN_HOST is not set",
  means: "Viewers whose networks let no direct UDP through take the TCP port, which is slower when packets are lost",
  fix: "TURN_HOST=… with TURN_SHARED_SECRET=…, or with TURN_USERNAME=… and TURN_PASSWORD=…",
};

export interface TurnLook {
  readonly host: string;
  readonly port: number;
  /** What viewers are told to use. */
  readonly told: TurnTransport;
  readonly outcomes: readonly { readonly transport: TurnTransport; readonly outcome: TurnOutcome }[];
  /** The credentials are made of a secret and the time. */
  readonly shared: boolean;
}

export function judgeTurn({ host, port, told, outcomes, shared }: TurnLook): Finding {
  const at = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const details = outcomes.map(({ transport, outcome }) => `${transport.toUpperCase()}: ${said(outcome)}`);
  const outcome = outcomes.find(({ transport }) => transport === told)?.outcome ?? NO_OUTCOME;
  const seen = `${at} over ${told.toUpperCase()}: ${said(outcome)}`;
  if (outcome.kind === "relayed") {
    if (outcome.certificate !== undefined) {
      return {
        verdict: "fail",
        seen,
        means: "Browsers refuse a TURN server with such a certificate, without a word",
        fix: "give the TURN server a certificate of a public authority for the name in TURN_HOST, or TURN_TLS=false",
        details,
      };
    }
    return { verdict: "pass", seen, means: "Viewers without direct UDP get their picture through it", details };
  }
  if (outcome.kind === "refused") {
    return {
      verdict: "fail",
      seen,
      means: REFUSALS[outcome.code] ?? "The server answers, and relays nothing for viewers",
      fix: fixOf(outcome.code, shared),
      details,
    };
  }
  const other = outcomes.find((one) => one.outcome.kind === "relayed");
  return {
    verdict: "fail",
    seen,
    means: "From here the server can't be reached; viewers may be better or worse placed",
    fix:
      other === undefined
        ? `TURN_HOST, TURN_PORT (now ${port}) and the firewall: ${told === "udp" ? "UDP" : "TCP"} port ${port} must be open`
        : `TURN_PROTOCOL=${other.transport}, which works from here`,
    details,
  };
}

const NO_OUTCOME: TurnOutcome = { kind: "unreachable", why: "not asked" };

/** RFC 8489, section 14.8, and RFC 8656, section 19. */
const REFUSALS: Readonly<Record<number, string>> = {
  401: "The credentials are wrong: no viewer gets through it",
  403: "The server forbids it to us",
  437: "The server has a relay for this very port already",
  442: "The server relays no UDP",
  486: "This user has as many relays as the server allows",
  508: "The server has no relay ports left",
};

function fixOf(code: number, shared: boolean): string {
  if (code === 486 || code === 508) return "the server's quota (coturn: user-quota, total-quota, min-port, max-port)";
  if (code !== 401) return "the server's own log says why";
  return shared
    ? "TURN_SHARED_SECRET must be the server's (coturn: use-auth-secret, static-auth-secret), and both clocks right"
    : "TURN_USERNAME and TURN_PASSWORD must be the server's (coturn: lt-cred-mech, user=NAME:PASSWORD)";
}

function said(outcome: TurnOutcome): string {
  switch (outcome.kind) {
    case "relayed":
      return `relays at ${outcome.relayed}${outcome.certificate === undefined ? "" : `; certificate not accepted (${outcome.certificate})`}`;
    case "refused":
      return `refused (${outcome.code} ${outcome.text})`.replace(" )", ")");
    case "unreachable":
      return outcome.why;
  }
}
