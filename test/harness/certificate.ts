// A TLS certificate of a test's own, and what tells Chromium to accept it and no other. Used by proxy.ts.

import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  /** Of its public key, for Chromium's `--ignore-certificate-errors-spki-list`. */
  readonly pin: string;
  /** SHA-256, as `PeerCertificate.fingerprint256`. */
  readonly fingerprint: string;
}

/** For 127.0.0.1 and localhost, in this folder. */
export function makeCertificate(folder: string): Certificate {
  const [certFile, keyFile] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", "2"];
  const args = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...names, "-keyout", keyFile, "-out", certFile];
  execFileSync("openssl", args, { stdio: "ignore" });
  const certificate = new X509Certificate(readFileSync(certFile));
  const key = certificate.publicKey.export({ type: "spki", format: "der" });
  const pin = createHash("sha256").update(key).digest("base64");
  return { certFile, keyFile, pin, fingerprint: certificate.fingerprint256 };
}
