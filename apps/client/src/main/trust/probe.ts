// Looks at the certificate of a server, without sending it anything. Before the page connects, so that the user is asked first. From `trust.ts`.

import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { connect, getCACertificates } from "node:tls";
import type { Endpoint } from "./certificate.ts";

export interface Seen {
  readonly certificate: X509Certificate;
  /** Node's code for why it is not trusted; undefined when it is. */
  readonly error: string | undefined;
}

const PROBE_MS = 10_000;

/** Undefined when nobody speaks TLS there, for whatever reason. */
export function probe({ hostname: host, port }: Endpoint, signal?: AbortSignal): Promise<Seen | undefined> {
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      // Those of the system too, as in Chromium.
      ca: [...getCACertificates("default"), ...getCACertificates("system")],
      // The certificate is judged by us, before anything is sent.
      rejectUnauthorized: false,
      minVersion: "TLSv1.2",
      ALPNProtocols: ["http/1.1"],
      timeout: PROBE_MS,
    });
    const done = (seen?: Seen): void => {
      signal?.removeEventListener("abort", stop);
      socket.destroy();
      resolve(seen);
    };
    const stop = (): void => done();
    signal?.addEventListener("abort", stop);
    socket.on("secureConnect", () => {
      const certificate = socket.getPeerX509Certificate();
      const { authorizationError: error } = socket as { readonly authorizationError?: Error | string | null };
      if (certificate === undefined) done();
      else done({ certificate, error: socket.authorized ? undefined : String(error ?? "unknown") });
    });
    socket.on("timeout", () => done());
    socket.on("error", () => done());
    if (signal?.aborted === true) stop();
  });
}
