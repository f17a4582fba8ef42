// What the page may load: its own files and workers, cursor pictures as data addresses, and connections to any agent.
// Written into the built page by `vite.config.ts` and sent beside its other files by the Electron shell's `main/window.ts`.

/** `scriptHash`: SHA-256 of the script that stands in the page itself, in base64 (https://www.w3.org/TR/CSP3/#grammardef-hash-source). */
export function contentSecurityPolicy(scriptHash?: string): string {
  return [
    "default-src 'none'",
    `script-src 'self'${scriptHash === undefined ? "" : ` 'sha256-${scriptHash}'`}`,
    "worker-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "media-src 'self' blob:",
    "connect-src 'self' ws: wss: http: https:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}
