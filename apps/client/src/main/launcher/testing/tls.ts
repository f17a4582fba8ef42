// An authority of a test's own, and what it signs: certificates for an engine and for who may use it, as `dockerd --tlsverify` wants them.
// Used by `engines.system.test.ts`.

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface TlsSet {
  /** ca.pem, cert.pem, key.pem: of a user. */
  readonly client: string;
  /** The same, of the engine on 127.0.0.1. */
  readonly server: string;
}

function run(...args: readonly string[]): void {
  execFileSync("openssl", args, { stdio: "pipe" });
}

export function makeTlsSet(folder: string): TlsSet {
  mkdirSync(folder, { recursive: true });
  const [ca, caKey] = [join(folder, "ca.pem"), join(folder, "ca-key.pem")];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  run("req", "-x509", ...key, "-subj", "/CN=test authority", "-days", "2", "-keyout", caKey, "-out", ca);
  const sign = (name: string, extensions: string): string => {
    const own = join(folder, name);
    mkdirSync(own);
    const at = (file: string) => join(own, file);
    writeFileSync(at("extensions"), extensions);
    run("req", ...key, "-subj", `/CN=${name}`, "-keyout", at("key.pem"), "-out", at("request"));
    const by = ["-CA", ca, "-CAkey", caKey, "-CAcreateserial", "-days", "2", "-extfile", at("extensions")];
    run("x509", "-req", "-in", at("request"), "-out", at("cert.pem"), ...by);
    execFileSync("cp", [ca, at("ca.pem")]);
    return own;
  };
  return {
    server: sign("server", "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n"),
    client: sign("client", "extendedKeyUsage=clientAuth\n"),
  };
}
