// What is shown and kept of a certificate. PURE. From `probe.ts` and Chromium, to `trust.ts`.

import { createHash, type X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { CertificateProblem, ShownCertificate } from "../../shared/questions.ts";

/** Of the public key, written as ssh writes those of host keys. The agent writes the same into its log when it starts. */
export function fingerprintOf(certificate: X509Certificate): string {
  const key = certificate.publicKey.export({ type: "spki", format: "der" });
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** `known`: problems that were found already; a certificate may have more. */
export function describeCertificate(
  certificate: X509Certificate,
  { hostname, endpoint }: Endpoint,
  known: readonly CertificateProblem[],
  nowMs: number,
): ShownCertificate {
  const [validFromMs, validToMs] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  const problems = new Set(known);
  const named = isIP(hostname) === 0 ? certificate.checkHost(hostname) : certificate.checkIP(hostname);
  if (named === undefined) problems.add("name");
  if (nowMs < validFromMs || nowMs > validToMs) problems.add("date");
  return {
    endpoint,
    fingerprint: fingerprintOf(certificate),
    subject: nameIn(certificate.subject),
    issuer: nameIn(certificate.issuer),
    validFromMs,
    validToMs,
    problems: (["authority", "name", "date"] as const).filter((problem) => problems.has(problem)),
  };
}

export interface Endpoint {
  /** Without the brackets of IPv6. */
  readonly hostname: string;
  readonly port: number;
  /** `host:port`: under which a key is kept. */
  readonly endpoint: string;
}

/** Of `https://`, `wss://`, `http://`, `ws://`; undefined for what is no such address. */
export function endpointOf(url: string): Endpoint | undefined {
  const { protocol = "", hostname = "", port: written = "" } = URL.parse(url) ?? {};
  const usual = { "https:": 443, "wss:": 443, "http:": 80, "ws:": 80 }[protocol];
  if (usual === undefined || hostname === "") return undefined;
  const port = written === "" ? usual : Number(written);
  return { hostname: hostname.replace(/^\[(.*)\]$/, "$1"), port, endpoint: `${hostname}:${port}` };
}

const NAME_CHARS_MAX = 128;

/** The common name, or all there is: lines `CN=desk`, `O=Example`. Whoever made the certificate wrote it. */
function nameIn(lines: string | undefined): string {
  const name = /^CN=(.*)$/m.exec(lines ?? "")?.[1] ?? (lines ?? "").replaceAll("\n", ", ");
  return name.replaceAll(/\p{C}/gu, "").slice(0, NAME_CHARS_MAX);
}
