// Whether a server's certificate is believed: signed by somebody whom the system trusts, or with the key that the user has trusted before, as SSH
// does it. PURE. Asked by `trust.ts`, whoever has seen the certificate: Chromium, or our own probe.
//
// What is kept is the hash of the public key, not of the certificate: the key is what a server proves to have, and a self-signed certificate that is
// made anew with its old key when it expires is still that server's. Names and dates of a certificate that nobody vouches for say nothing; they
// are shown with the question.

import type { CertificateProblem } from "../../shared/questions.ts";

export interface Pin {
  /** `SHA256:` and Base64. */
  readonly fingerprint: string;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}

export type Standing =
  | { readonly standing: "trusted" }
  | { readonly standing: "pinned" }
  | { readonly standing: "unknown"; readonly problems: readonly CertificateProblem[] }
  | { readonly standing: "changed"; readonly problems: readonly CertificateProblem[]; readonly pin: Pin }
  /** For no reason that the user could judge. */
  | { readonly standing: "refused"; readonly error: string };

/** `error`: Node's code or Chromium's name for what is wrong; undefined when the system trusts the certificate. */
export function judge(error: string | undefined, fingerprint: string, pin: Pin | undefined): Standing {
  if (error === undefined) return { standing: "trusted" };
  const problem = PROBLEMS.get(error);
  if (problem === undefined) return { standing: "refused", error };
  if (pin === undefined) return { standing: "unknown", problems: [problem] };
  if (pin.fingerprint === fingerprint) return { standing: "pinned" };
  return { standing: "changed", problems: [problem], pin };
}

/** What a user may judge. What is not here (revoked, a broken signature, a short key) is refused. */
const PROBLEMS: ReadonlyMap<string, CertificateProblem> = new Map([
  // Of Node, by OpenSSL.
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "authority"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "authority"],
  ["UNABLE_TO_GET_ISSUER_CERT", "authority"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "authority"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "authority"],
  ["CERT_UNTRUSTED", "authority"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "name"],
  ["CERT_HAS_EXPIRED", "date"],
  ["CERT_NOT_YET_VALID", "date"],
  // Of Chromium.
  ["net::ERR_CERT_AUTHORITY_INVALID", "authority"],
  ["net::ERR_CERT_COMMON_NAME_INVALID", "name"],
  ["net::ERR_CERT_DATE_INVALID", "date"],
]);
