// The TLS certificate and key out of their files, checked together before the port opens. Used by `http.ts`.

import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { messageOf, StartError } from "../errors.ts";

export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Of the public key, written as ssh writes those of host keys. */
  readonly fingerprint: string;
}

/** Throws StartError, naming option and file, for what can't be read, is no certificate or key, or does not match. */
export function readTls(certFile: string, keyFile: string): TlsFiles {
  const cert = read("HTTPS_WEB_CERT", certFile);
  const key = read("HTTPS_WEB_KEY", keyFile);
  const certificate = parse("HTTPS_WEB_CERT", certFile, () => new X509Certificate(cert));
  const privateKey = parse("HTTPS_WEB_KEY", keyFile, () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new StartError(`HTTPS_WEB_KEY: ${keyFile} is not the key of the certificate in ${certFile}`);
  }
  const spki = certificate.publicKey.export({ type: "spki", format: "der" });
  const fingerprint = `SHA256:${createHash("sha256").update(spki).digest("base64").replace(/=+$/, "")}`;
  return { cert, key, fingerprint };
}

function read(option: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new StartError(`${option}: ${file} can't be read: ${messageOf(error)}`);
  }
}

function parse<T>(option: string, file: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new StartError(`${option}: ${file} is not in PEM form: ${messageOf(error)}`);
  }
}
