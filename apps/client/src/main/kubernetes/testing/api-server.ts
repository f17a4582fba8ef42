// A minimal Kubernetes API server on loopback: real TLS with a client certificate or a token, the REST paths, watches, logs and port
// forwarding over a WebSocket (`pod-forwarding.ts`), rights that a test takes away. What it holds is `object-store.ts`'s, which validates every
// object; what becomes of a Deployment is played by `scripted-cluster.ts`. Used by the tests of this folder and of renderer/ui/kubernetes.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { makeCertificate } from "../../../../../../test/harness/certificate.ts";
import { type Change, ObjectStore, Refusal, type Stored } from "./object-store.ts";
import { PodForwarding } from "./pod-forwarding.ts";
import { hasSchema } from "./schemas.ts";

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly user: string;
  readonly body: unknown;
}

interface Asked {
  readonly verb: string;
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly part: string | undefined;
}

export const TOKEN = "a-token-of-the-tests";
export const USER = "dev";

interface Identity {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly fingerprint: string;
}
let made: { readonly server: Identity; readonly client: Identity } | undefined;

function makeIdentity(): Identity {
  const folder = mkdtempSync(join(tmpdir(), "egl-kubernetes-keys-"));
  try {
    const { certFile, keyFile, fingerprint } = makeCertificate(folder);
    return { cert: readFileSync(certFile), key: readFileSync(keyFile), fingerprint };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export class ApiServer {
  readonly objects = new ObjectStore();
  readonly forwarding: PodForwarding;
  /** Everything that was asked, in order. */
  readonly requests: ApiRequest[] = [];
  /** Objects that were sent to be made and taken. */
  readonly taken: Stored[] = [];
  readonly logs = new Map<string, string>();
  readonly #denied = new Set<string>();
  readonly #server: Server;
  readonly #client: Identity;
  readonly #folder: string;
  readonly #watches = new Set<() => void>();
  /** Refuses everything with this, once it is set. */
  broken: { readonly code: number; readonly text: string } | undefined;
  token = TOKEN;
  /** Somebody is faster. */
  beforePatch: (() => void) | undefined;
  quota: string | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
    // Making keys takes a second on a busy machine: once in a process.
    made ??= { server: makeIdentity(), client: makeIdentity() };
    const { server, client } = made;
    this.#client = client;
    const { certFile, keyFile } = this.clientFiles;
    writeFileSync(this.caFile, server.cert);
    writeFileSync(certFile, client.cert);
    writeFileSync(keyFile, client.key);
    const { cert, key } = server;
    this.#server = createServer({ cert, key, ca: client.cert, requestCert: true, rejectUnauthorized: false });
    this.#server.on("request", (request, response) => void this.#answer(request, response));
    this.forwarding = new PodForwarding(this.#server, (request) => this.#admit(request));
  }

  /** With one namespace, "desks". What a kubeconfig names is in this folder. */
  static async start(folder: string): Promise<ApiServer> {
    const server = new ApiServer(folder);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    server.objects.create("api/v1 namespaces", undefined, {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "desks" },
    });
    return server;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get caFile(): string {
    return join(this.#folder, "ca.pem");
  }

  get clientFiles(): { readonly certFile: string; readonly keyFile: string } {
    return { certFile: join(this.#folder, "client.pem"), keyFile: join(this.#folder, "client-key.pem") };
  }

  /** From now on this user may not, e.g. "create secrets". */
  deny(right: string): void {
    this.#denied.add(right);
  }

  /** Ends every watch, as API servers do every few minutes. */
  endWatches(): void {
    for (const end of this.#watches) end();
  }

  async close(): Promise<void> {
    this.endWatches();
    this.forwarding.close();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Who it is; throws as the API server does. */
  #admit(request: IncomingMessage): Asked {
    const socket = request.socket as TLSSocket;
    const { fingerprint256 } = socket.getPeerCertificate();
    const isKnown = fingerprint256 === this.#client.fingerprint;
    if (!isKnown && request.headers.authorization !== `Bearer ${this.token}`) {
      throw new Refusal(401, "Unauthorized", "Unauthorized");
    }
    const asked = askedBy(request);
    const { verb, resource, namespace } = asked;
    const [path = "", plural = ""] = resource.split(" ");
    const what = asked.part === undefined ? plural : `${plural}/${asked.part}`;
    if (this.#denied.has(`${verb} ${what}`)) {
      const group = path.startsWith("apis/") ? (path.split("/")[1] ?? "") : "";
      const place = namespace === undefined ? " at the cluster scope" : ` in the namespace "${namespace}"`;
      const words = `User "${USER}" cannot ${verb} resource "${what}" in API group "${group}"${place}`;
      throw new Refusal(403, "Forbidden", `${what} is forbidden: ${words}`, { kind: plural });
    }
    return asked;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const text = await textOf(request);
      const body: unknown = text === "" ? undefined : JSON.parse(text);
      const { pathname: path, searchParams: query } = new URL(request.url ?? "", "https://localhost");
      this.requests.push({ method: request.method ?? "", path, query, user: USER, body });
      if (this.broken !== undefined) {
        response.writeHead(this.broken.code, { "content-type": "text/html" }).end(this.broken.text);
        return;
      }
      const asked = this.#admit(request);
      if (asked.verb === "watch") this.#watch(asked, query, response);
      else if (asked.part === "log") response.end(this.#log(asked, query));
      else send(response, asked.verb === "create" ? 201 : 200, this.#act(asked, query, body, request));
    } catch (error) {
      // Who asked has gone.
      if (response.destroyed) return;
      if (!(error instanceof Refusal)) throw error;
      const { code, reason, message, details } = error;
      send(response, code, { apiVersion: "v1", kind: "Status", status: "Failure", code, reason, message, details });
    }
  }

  #act(
    { verb, resource, namespace, name = "" }: Asked,
    query: URLSearchParams,
    body: unknown,
    request: IncomingMessage,
  ): object {
    const { objects } = this;
    if (verb === "get") return objects.get(resource, namespace, name);
    if (verb === "list") {
      const items = objects.list(resource, namespace).filter(selected(query));
      return { kind: "List", apiVersion: "v1", metadata: { resourceVersion: objects.version }, items };
    }
    if (verb === "delete") {
      const { preconditions } = (body ?? {}) as { preconditions?: { uid?: string } };
      objects.remove(resource, namespace, name, preconditions?.uid);
      return { kind: "Status", apiVersion: "v1", status: "Success" };
    }
    // Unknown fields are found by the compiler at the end, since a test asks for it: see `schemas.ts`.
    if (query.get("fieldValidation") !== "Strict")
      throw new Refusal(400, "BadRequest", "the tests want fieldValidation=Strict");
    if (verb === "patch") {
      if (request.headers["content-type"] !== "application/merge-patch+json") {
        throw new Refusal(415, "UnsupportedMediaType", "the body of the request was in an unknown format");
      }
      this.beforePatch?.();
      return objects.patch(resource, namespace, name, body);
    }
    if (this.quota !== undefined && resource === "api/v1 persistentvolumeclaims") {
      throw new Refusal(403, "Forbidden", `persistentvolumeclaims is forbidden: exceeded quota: ${this.quota}`);
    }
    const made = objects.create(resource, namespace, body);
    this.taken.push(body as Stored);
    return made;
  }

  #log({ namespace, name = "" }: Asked, query: URLSearchParams): string {
    this.objects.get("api/v1 pods", namespace, name);
    return this.logs.get(query.get("previous") === "true" ? `${name} previous` : name) ?? "";
  }

  #watch({ resource, namespace }: Asked, query: URLSearchParams, response: ServerResponse): void {
    const isMeant = selected(query);
    const told = ({ type, object, resource: kind }: Change) => {
      const isHere = kind === resource && (namespace === undefined || object.metadata.namespace === namespace);
      if (isHere && isMeant(object)) response.write(`${JSON.stringify({ type, object })}\n`);
    };
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    let stop = () => {};
    try {
      stop = this.objects.follow(query.get("resourceVersion") ?? "", told);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { code, reason, message } = error;
      const status = { apiVersion: "v1", kind: "Status", status: "Failure", code, reason, message };
      response.end(`${JSON.stringify({ type: "ERROR", object: status })}\n`);
      return;
    }
    const end = () => {
      stop();
      this.#watches.delete(end);
      response.end();
    };
    this.#watches.add(end);
    response.on("close", end);
  }
}

const ADDRESS =
  /^\/(api\/v1|apis\/[^/]+\/v1)(?:\/namespaces\/([^/]+)(?=\/))?\/([a-z]+)(?:\/([^/]+))?(?:\/(log|portforward))?$/;
const VERBS: Readonly<Record<string, string>> = { POST: "create", PATCH: "patch", DELETE: "delete" };

function askedBy(request: IncomingMessage): Asked {
  const { pathname, searchParams } = new URL(request.url ?? "", "https://localhost");
  const [, group = "", namespace, plural = "", name, part] = ADDRESS.exec(pathname) ?? [];
  const resource = `${group} ${plural}`;
  if (!hasSchema(resource)) throw new Refusal(404, "NotFound", "the server could not find the requested resource");
  const read = name !== undefined ? "get" : searchParams.get("watch") === "true" ? "watch" : "list";
  const verb = part === "portforward" ? "create" : (VERBS[request.method ?? ""] ?? read);
  const decoded = (text: string | undefined) => (text === undefined ? undefined : decodeURIComponent(text));
  return { verb, resource, namespace: decoded(namespace), name: decoded(name), part };
}

/** `labelSelector=a=b,c=d` and `fieldSelector=metadata.name=x`. */
function selected(query: URLSearchParams): (object: Stored) => boolean {
  const terms = (query.get("labelSelector") ?? "").split(",").filter(Boolean);
  const wanted = terms.map((term) => term.split("="));
  const name = /^metadata\.name=(.*)$/.exec(query.get("fieldSelector") ?? "")?.[1];
  return ({ metadata }) =>
    wanted.every(([key = "", value]) => metadata.labels?.[key] === value) && (name ?? metadata.name) === metadata.name;
}

const send = (response: ServerResponse, code: number, value: object): void =>
  void response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(value));

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString("utf8");
}
