// What the browser met at the STUN and TURN servers that the agent named, in a sentence for the user. PURE.
// From `peer.ts`, which hears it (`icecandidateerror`), to the failure of the stage that finds a path.

import { said, type Said } from "../messages/said.ts";

export interface IceError {
  /** "turn:host:3478?transport=udp" */
  readonly url: string;
  /** STUN error code (RFC 8489, section 14.8; RFC 8656, section 19), or 701: no answer (W3C WebRTC). */
  readonly code: number;
  readonly text: string;
}

/** No answer at all: unreachable, or a TLS certificate that the browser does not accept. */
const UNREACHABLE = 701;

/** By code, the one that explains most first: an interface that can't reach a server is common, a wrong password is not. */
const CAUSES = [
  [401, "ice.password"],
  [403, "ice.forbidden"],
  [486, "ice.quota"],
  [508, "ice.capacity"],
] as const;

/** Undefined when there was no error. */
export function describeIceErrors(errors: readonly IceError[]): Said | undefined {
  for (const [wanted, cause] of CAUSES) {
    const error = errors.find(({ code }) => code === wanted);
    if (error !== undefined) return sentence(error, said("notices", cause));
  }
  const other = errors.find(({ code }) => code !== UNREACHABLE);
  if (other !== undefined) {
    return sentence(other, said("notices", "ice.answered", { words: JSON.stringify(other.text.slice(0, 120)) }));
  }
  const silent = errors.find(({ url }) => url.startsWith("turn")) ?? errors[0];
  if (silent === undefined) return undefined;
  return sentence(silent, said("notices", silent.url.startsWith("turns:") ? "ice.silent-tls" : "ice.silent"));
}

function sentence({ url, code }: IceError, cause: Said): Said {
  return said("notices", url.startsWith("turn") ? "ice.turn" : "ice.stun", {
    server: url.slice(0, 200),
    cause,
    code: String(code),
  });
}
