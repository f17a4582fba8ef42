// What the browser met at the STUN and TURN servers that the agent named, in a sentence for the user. PURE.
// From `peer.ts`, which hears it (`icecandidateerror`), to the failure of the stage that finds a path.

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
const CAUSES: readonly (readonly [code: number, cause: string])[] = [
  [
    401,
    "refused the user name or password that the agent gives out: its secret is another one, or they are out of date",
  ],
  [403, "forbids this connection"],
  [486, "has no room left for this user"],
  [508, "has no capacity left"],
];

/** Undefined when there was no error. */
export function describeIceErrors(errors: readonly IceError[]): string | undefined {
  for (const [wanted, cause] of CAUSES) {
    const error = errors.find(({ code }) => code === wanted);
    if (error !== undefined) return sentence(error, cause);
  }
  const other = errors.find(({ code }) => code !== UNREACHABLE);
  if (other !== undefined) return sentence(other, `answered ${JSON.stringify(other.text.slice(0, 120))}`);
  const silent = errors.find(({ url }) => url.startsWith("turn")) ?? errors[0];
  if (silent === undefined) return undefined;
  const tls = silent.url.startsWith("turns:") ? ", or this browser does not accept its certificate" : "";
  return sentence(silent, `can't be reached${tls}`);
}

function sentence({ url, code }: IceError, cause: string): string {
  const kind = url.startsWith("turn") ? "TURN" : "STUN";
  return `The ${kind} server ${url.slice(0, 200)} ${cause} (${code}).`;
}
