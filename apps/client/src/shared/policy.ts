// What the page may load: its own files and workers, cursor pictures as data addresses, and connections to any agent.
// Written into the built page by `vite.config.ts` and sent as a header by the Electron shell's `main/window.ts`.

export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "media-src 'self' blob:",
  "connect-src 'self' ws: wss: http: https:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");
