// Whether a certificate that the system does not trust is taken nevertheless. PURE. Asked by `main.ts`. For now: never.

export interface CertificateProblem {
  readonly url: string;
  /** Chromium's name of the error, e.g. "net::ERR_CERT_AUTHORITY_INVALID". */
  readonly error: string;
}

export interface TrustVerdict {
  readonly trust: boolean;
  /** For the user. */
  readonly sentence: string;
  readonly remedy: string;
}

const SENTENCES: Readonly<Record<string, string>> = {
  "net::ERR_CERT_AUTHORITY_INVALID": "its certificate is not signed by anyone this computer trusts",
  "net::ERR_CERT_COMMON_NAME_INVALID": "its certificate was made for another name",
  "net::ERR_CERT_DATE_INVALID": "its certificate has expired or is not valid yet",
  "net::ERR_CERT_REVOKED": "its certificate was revoked",
};

export function judgeCertificate({ url, error }: CertificateProblem): TrustVerdict {
  const host = URL.canParse(url) ? new URL(url).host : "The agent";
  const why = SENTENCES[error] ?? `its certificate was refused (${error})`;
  return {
    trust: false,
    sentence: `${host} could not be reached safely: ${why}.`,
    remedy: "Add the certificate, or the authority that signed it, to this computer's trusted ones, and connect again.",
  };
}
