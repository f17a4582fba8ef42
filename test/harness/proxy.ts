// A real nginx or Caddy in front of an agent: it ends TLS and shows the agent below a path. Used by e2e/behind.test.ts.
// The lines that concern the agent are those of README.md.

import { once } from "node:events";
import { connect } from "node:net";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Certificate, makeCertificate } from "./certificate.ts";
import { freePort } from "./ports.ts";
import { Process } from "./processes.ts";
import { until } from "./until.ts";

export interface ProxyOptions {
  readonly agentPort: number;
  /** "/desk" */
  readonly path: string;
  /** How long nginx waits for a word of a silent agent. */
  readonly idleTimeoutS?: number;
}

type Configure = (options: ProxyOptions & { folder: string; port: number; certificate: Certificate }) => string;

/** Leaves the path as it is; speaks HTTP/1.1 alone. */
const nginxConfig: Configure = ({ folder, port, certificate, agentPort, path, idleTimeoutS = 30 }) => `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr warn;
events {}
http {
  access_log off;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(" ")}
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${certificate.certFile};
    ssl_certificate_key ${certificate.keyFile};
    location ${path}/ {
      proxy_pass http://127.0.0.1:${agentPort};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_read_timeout ${idleTimeoutS}s;
      proxy_send_timeout ${idleTimeoutS}s;
    }
  }
}
`;

/** Takes the path away; speaks HTTP/2 to browsers. */
const caddyConfig: Configure = ({ port, certificate, agentPort, path }) => `
{
  admin off
  auto_https disable_redirects
  servers {
    protocols h1 h2
  }
}
https://127.0.0.1:${port} {
  tls ${certificate.certFile} ${certificate.keyFile}
  redir ${path} ${path}/
  handle_path ${path}/* {
    reverse_proxy 127.0.0.1:${agentPort}
  }
}
`;

const PROGRAMS = {
  nginx: { configure: nginxConfig, argv: (file: string) => ["nginx", "-e", "stderr", "-c", file] },
  caddy: {
    configure: caddyConfig,
    argv: (file: string) => ["caddy", "run", "--adapter", "caddyfile", "--config", file],
  },
} as const;

export type ProxyName = keyof typeof PROGRAMS;

export class Proxy {
  readonly folder: string;
  readonly port: number;
  readonly #name: ProxyName;
  #process: Process | undefined;

  private constructor(name: ProxyName, folder: string, port: number) {
    this.#name = name;
    this.folder = folder;
    this.port = port;
  }

  static async open(name: ProxyName, options: ProxyOptions, certificate: Certificate): Promise<Proxy> {
    const folder = mkdtempSync(join(tmpdir(), `eglantine-${name}-`));
    const proxy = new Proxy(name, folder, await freePort());
    mkdirSync(join(folder, "home"));
    writeFileSync(proxy.#file, PROGRAMS[name].configure({ ...options, folder, port: proxy.port, certificate }));
    try {
      await proxy.start();
    } catch (error) {
      await proxy.close();
      throw error;
    }
    return proxy;
  }

  get #file(): string {
    return join(this.folder, "configuration");
  }

  /** Where the proxy shows the agent: its address, without the path. */
  get origin(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  /** Resolves when it takes connections. */
  async start(): Promise<void> {
    const home = join(this.folder, "home");
    const server = new Process(PROGRAMS[this.#name].argv(this.#file), {
      env: { HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home },
    });
    this.#process = server;
    await until(`${this.#name} answers`, async () => {
      if (server.isOver) throw new Error(`${this.#name} ended:\n${server.log()}`);
      return isOpen(this.port);
    });
  }

  async stop(): Promise<void> {
    await this.#process?.close();
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ECONNREFUSED") return false;
    throw error;
  } finally {
    socket.destroy();
  }
}

/** A certificate for the proxies of a test file, in a folder of its own. */
export function certificateFolder(): { readonly certificate: Certificate; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "eglantine-certificate-"));
  return {
    certificate: makeCertificate(folder),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
