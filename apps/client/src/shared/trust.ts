// Whether a server is who it says, as the page asks it before it connects. TABLE of calls, joined by `bridge.ts`, answered by `main/trust/trust.ts`.
// What the user has to decide comes as a question of `questions.ts`; the reasons have their words in the area `trust`.

import { call, type Outcome } from "./bridge-call.ts";

export const TRUST_REASONS = [
  /** The user did not trust the certificate, or a key in an old one's place, or did not want to connect in clear. */
  "declined",
  "changed",
  "clear",
  /** Nobody may trust that one: revoked, or made with something broken. */
  "refused",
] as const;

export type TrustReason = (typeof TRUST_REASONS)[number];

export const TRUST_CALLS = {
  checkTrust: call<[url: string], Outcome<null, TrustReason>>(
    "eglantine:check-trust",
    "Looks at the server behind an agent's address, and asks the user where it is not known. What can't be reached passes: connecting tells why.",
  ),
} as const;
