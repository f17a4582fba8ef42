// Check: the STUN servers, asked for the address that we come from.

import { messageOf } from "../../errors.ts";
import { readIceServers } from "../../transport/ice-servers.ts";
import { askBinding } from "../../transport/turn-ask.ts";
import type { Check, Finding } from "../types.ts";

export const stun: Check = {
  name: "stun",
  group: "network",
  title: "STUN servers",
  doc: "EGLANTINE_STUN_SERVERS: each one reached, and the address that it sees the agent come from.",
  limitMs: 15_000,
  run: async ({ config }, signal) => {
    const servers = readIceServers({ ...config, turnHost: undefined, ...NO_TURN }).forAgent;
    const answers = await Promise.all(
      servers.map(async (url) => {
        const { host, port } = splitUrl(url);
        try {
          return { url, mapped: await askBinding({ host, port, transport: "udp" }, signal) };
        } catch (error) {
          signal.throwIfAborted();
          return { url, why: messageOf(error) };
        }
      }),
    );
    return judgeStun(answers, config.publicAddresses.length > 0);
  },
};

const NO_TURN = { turnSharedSecret: undefined, turnUsername: undefined, turnPassword: undefined };

export interface StunAnswer {
  readonly url: string;
  readonly mapped?: string;
  readonly why?: string;
}

/** `announced`: EGLANTINE_PUBLIC_ADDRESS names our address. */
export function judgeStun(answers: readonly StunAnswer[], announced: boolean): Finding {
  if (answers.length === 0) {
    return {
      verdict: "skip",
      seen: "EGLANTINE_STUN_SERVERS is not set",
      means: announced
        ? "The agent's public address is told to viewers by EGLANTINE_PUBLIC_ADDRESS"
        : "None is needed where viewers reach the agent's UDP port by its own address",
    };
  }
  const details = answers.map(({ url, mapped, why }) => `${url}: ${mapped === undefined ? why : `sees ${mapped}`}`);
  const [seen] = answers.filter(({ mapped }) => mapped !== undefined);
  if (seen === undefined) {
    return {
      verdict: "warn",
      seen: `No STUN server answers: ${answers[0]?.why}`,
      means: "Behind a NAT viewers do not learn the agent's address",
      fix: "EGLANTINE_STUN_SERVERS=host:port of one that answers, or a way out for UDP in the firewall",
      details,
    };
  }
  return {
    verdict: "pass",
    seen: `${seen.url} sees ${seen.mapped}`,
    means: "The agent learns its outer address",
    details,
  };
}

/** "stun:host:port", the host in brackets where it is an IPv6 address. */
function splitUrl(url: string): { readonly host: string; readonly port: number } {
  const authority = url.slice("stun:".length);
  const at = authority.lastIndexOf(":");
  return { host: authority.slice(0, at), port: Number(authority.slice(at + 1)) };
}
