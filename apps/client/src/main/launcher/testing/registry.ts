// A registry for tests, by the Distribution API v2: serves images of real layers, waits in the middle of one, or dies there, or wants a login.
// Used by `pull.system.test.ts`.

import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
const LIST = "application/vnd.docker.distribution.manifest.list.v2+json";

interface Stored {
  readonly type: string;
  readonly bytes: Buffer;
}

export interface ImageOptions {
  /** Of the layers, which are noise: so many bytes come over the wire. */
  readonly layersBytes: readonly number[];
  readonly architecture?: string;
  /** A folder that is a layer too, the last. */
  readonly root?: string;
  /** One of several platforms, as a list. */
  readonly listed?: boolean;
}

const digestOf = (bytes: Buffer) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

interface Layer {
  readonly tar: Buffer;
  readonly packed: Buffer;
}

/** A folder's content: the tar, and the same compressed. `name`: of that alone. */
function packLayer(folder: string, root: string, name: string): Layer {
  execFileSync("tar", ["-cf", join(folder, "layer.tar"), "--owner=0", "--group=0", "-C", root, name]);
  const tar = readFileSync(join(folder, "layer.tar"));
  execFileSync("gzip", ["-kf1", join(folder, "layer.tar")]);
  return { tar, packed: readFileSync(join(folder, "layer.tar.gz")) };
}

/** A layer with one file of noise in it. */
function makeLayer(folder: string, index: number, bytes: number): Layer {
  const name = `noise-${index}`;
  writeFileSync(join(folder, name), randomBytes(bytes));
  return packLayer(folder, folder, name);
}

export class Registry {
  readonly #server: Server;
  /** By name and reference, and by digest. */
  readonly #manifests = new Map<string, Stored>();
  readonly #blobs = new Map<string, Buffer>();
  /** What is still to be sent, by answer. */
  readonly #held = new Map<ServerResponse, Buffer>();
  /** "user:password", where a login is wanted. */
  login: string | undefined;
  /** Layers stop halfway: `hold` until the other side goes, `die` as a server does that is killed. */
  halfway: "hold" | "die" | undefined;
  #port = 0;

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async open(): Promise<Registry> {
    const registry = new Registry();
    await new Promise<void>((resolve) => registry.#server.listen(0, "127.0.0.1", resolve));
    const address = registry.#server.address();
    registry.#port = typeof address === "object" && address !== null ? address.port : 0;
    return registry;
  }

  /** As the engine names it: an address of loopback is asked without TLS. */
  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** How many layers stand still halfway. */
  get held(): number {
    return this.#held.size;
  }

  /** What stands still goes on to its end. */
  release(): void {
    for (const [response, rest] of this.#held) response.end(rest);
  }

  /** Resolves to the image's name, and its layers' sizes on the wire. */
  add(
    name: string,
    { layersBytes, architecture = "amd64", root, listed = false }: ImageOptions,
  ): { readonly image: string; readonly sizes: readonly number[] } {
    const folder = mkdtempSync(join(tmpdir(), "egl-registry-"));
    const layers = layersBytes.map((bytes, index) => makeLayer(folder, index, bytes));
    if (root !== undefined) layers.push(packLayer(folder, root, "."));
    rmSync(folder, { recursive: true });
    const diffs = layers.map(({ tar }) => digestOf(tar));
    const config = Buffer.from(
      JSON.stringify({
        architecture,
        os: "linux",
        config: { Cmd: ["/bin/sh", "-c", "echo ready; trap 'exit 0' TERM; sleep 600 & wait"] },
        rootfs: { type: "layers", diff_ids: diffs },
      }),
    );
    for (const blob of [config, ...layers.map(({ packed }) => packed)]) this.#blobs.set(digestOf(blob), blob);
    const described = (mediaType: string, bytes: Buffer) => ({
      mediaType,
      size: bytes.length,
      digest: digestOf(bytes),
    });
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MANIFEST,
        config: described("application/vnd.docker.container.image.v1+json", config),
        layers: layers.map(({ packed }) => described("application/vnd.docker.image.rootfs.diff.tar.gzip", packed)),
      }),
    );
    this.#manifests.set(`${name}@${digestOf(manifest)}`, { type: MANIFEST, bytes: manifest });
    const platform = { ...described(MANIFEST, manifest), platform: { architecture, os: "linux" } };
    const list = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: LIST, manifests: [platform] }));
    const tagged = listed ? { type: LIST, bytes: list } : { type: MANIFEST, bytes: manifest };
    this.#manifests.set(`${name}@latest`, tagged);
    this.#manifests.set(`${name}@${digestOf(tagged.bytes)}`, tagged);
    return { image: `${this.host}/${name}:latest`, sizes: layers.map(({ packed }) => packed.length) };
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const given = Buffer.from((request.headers.authorization ?? "").replace(/^Basic /, ""), "base64").toString();
    if (this.login !== undefined && given !== this.login) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="test"', "content-type": "application/json" });
      response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
      return;
    }
    const [, name = "", kind, reference = ""] = /^\/v2\/(.+)\/(manifests|blobs)\/(.+)$/.exec(request.url ?? "") ?? [];
    if (kind === "blobs") this.#sendBlob(reference, request, response);
    else if (kind === "manifests") this.#sendManifest(`${name}@${reference}`, request, response);
    else response.writeHead(200, { "docker-distribution-api-version": "registry/2.0" }).end("{}");
  }

  #sendManifest(key: string, request: IncomingMessage, response: ServerResponse): void {
    const stored = this.#manifests.get(key);
    if (stored === undefined) {
      response.writeHead(404, { "content-type": "application/json" });
      response.end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}');
      return;
    }
    const { type, bytes } = stored;
    response.writeHead(200, {
      "content-type": type,
      "content-length": bytes.length,
      "docker-content-digest": digestOf(bytes),
    });
    response.end(request.method === "HEAD" ? undefined : bytes);
  }

  #sendBlob(digest: string, request: IncomingMessage, response: ServerResponse): void {
    const blob = this.#blobs.get(digest);
    if (blob === undefined) {
      response.writeHead(404).end();
      return;
    }
    // One that goes on from where it was cut off is given the rest.
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const range = from > 0 ? { "content-range": `bytes ${from}-${blob.length - 1}/${blob.length}` } : {};
    response.writeHead(from > 0 ? 206 : 200, {
      "content-length": blob.length - from,
      "docker-content-digest": digest,
      ...range,
    });
    if (this.halfway === undefined || blob.length < 100_000) {
      response.end(blob.subarray(from));
      return;
    }
    response.write(blob.subarray(from, Math.max(from, Math.floor(blob.length / 2))), () => {
      if (this.halfway === "die") response.destroy();
    });
    if (this.halfway === "die") return;
    this.#held.set(response, blob.subarray(Math.max(from, Math.floor(blob.length / 2))));
    response.once("close", () => this.#held.delete(response));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
