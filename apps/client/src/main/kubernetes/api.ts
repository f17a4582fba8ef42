// One cluster, by the library: the only file that imports @kubernetes/client-node, and itself only imported when a cluster is first asked
// for (`clusters.ts`). The library signs in (certificates, tokens, OIDC), speaks TLS and through proxies, watches and forwards ports;
// `sign-in.ts` has the plug-ins, so that nothing runs unconfirmed. What fails becomes a reason in `failure.ts`.

import { type Duplex, Readable, Writable } from "node:stream";
import {
  HttpMethod,
  IsomorphicFetchHttpLibrary,
  KubeConfig,
  PortForward,
  RequestContext,
  type User,
  Watch,
} from "@kubernetes/client-node";
import type { WebSocket } from "ws";
import { type ApiStatus, type Asked, failureOfNetwork, failureOfStatus, KubernetesError } from "./failure.ts";
import type { ContextChoice } from "./kubeconfig.ts";
import type { SignIn } from "./sign-in.ts";
import type { Cluster, PodPort, Question } from "./types.ts";

/** An API server answers at once, or it is away. */
const LIMIT_MS = 20_000;
/** On the way to the cluster at once; beyond it the sender waits. */
const QUEUE_BYTES = 1_000_000;
const MERGE_PATCH = "application/merge-patch+json";
const PLUGIN = "eglantine-plugin";
/** The API server refuses fields that it does not know, instead of forgetting them. */
const STRICT = { fieldValidation: "Strict" };

export function openCluster(choice: ContextChoice, signIn: SignIn): Cluster {
  const config = libraryConfig(choice, signIn);
  const http = new IsomorphicFetchHttpLibrary();
  const { server } = choice.cluster;
  const base = server.replace(/\/+$/, "");
  const asked = (path: string): Asked => {
    const [, namespace = ""] = /\/namespaces\/([^/]+)/.exec(path) ?? [];
    return { server, context: choice.name, namespace, name: path.split("/").at(-1) ?? "" };
  };

  async function once(method: HttpMethod, path: string, question: Question, body?: object) {
    const url = new URL(`${base}${path}`);
    for (const [name, value] of Object.entries(question.query ?? {})) url.searchParams.set(name, value);
    const request = new RequestContext(url.href, method);
    request.setHeaderParam("Accept", "application/json, */*;q=0.8");
    const limit = AbortSignal.timeout(LIMIT_MS);
    request.setSignal(question.signal === undefined ? limit : AbortSignal.any([question.signal, limit]));
    if (body !== undefined) {
      request.setHeaderParam("Content-Type", method === HttpMethod.PATCH ? MERGE_PATCH : "application/json");
      request.setBody(JSON.stringify(body));
    }
    try {
      await config.applySecurityAuthentication(request);
      const { httpStatusCode, body: answer } = await http.send(request).toPromise();
      return { code: httpStatusCode, text: await answer.text() };
    } catch (error) {
      throw failureOfNetwork(error, asked(path));
    }
  }

  async function ask(method: HttpMethod, path: string, question: Question = {}, body?: object): Promise<string> {
    await signIn.check();
    const { quiet = false } = question;
    if (quiet) signIn.checkHeld();
    let { code, text } = await once(method, path, question, body);
    // A credential may end before its time.
    if (code === 401 && !quiet && signIn.forget()) ({ code, text } = await once(method, path, question, body));
    if (code >= 200 && code < 300) return text;
    throw failureOfStatus(code, statusOf(text), asked(path));
  }

  return {
    context: choice.name,
    namespace: choice.namespace,
    read: async (path, question) => json(await ask(HttpMethod.GET, path, question), asked(path)),
    readText: (path, question) => ask(HttpMethod.GET, path, question),
    create: async (path, body, { query, signal } = {}) =>
      json(await ask(HttpMethod.POST, path, { query: { ...STRICT, ...query }, signal }, body), asked(path)),
    patch: async (path, body, { query, signal } = {}) =>
      json(await ask(HttpMethod.PATCH, path, { query: { ...STRICT, ...query }, signal }, body), asked(path)),
    remove: async (path, body, question) => json(await ask(HttpMethod.DELETE, path, question, body), asked(path)),

    watch: async (path, query, seen, signal) => {
      await signIn.check();
      if (signal.aborted) return;
      await new Promise<void>((resolve, reject) => {
        const done = (error: unknown) => {
          const { statusCode, name } = (error ?? {}) as { statusCode?: unknown; name?: unknown };
          // It is ended, too, when nothing has happened for a while: no failure, whoever watches begins again.
          if (!error || signal.aborted || name === "TimeoutError") resolve();
          else if (typeof statusCode === "number") reject(failureOfStatus(statusCode, {}, asked(path)));
          else reject(failureOfNetwork(error, asked(path)));
        };
        const stopWith = (controller: AbortController) => {
          if (signal.aborted) controller.abort();
          else signal.addEventListener("abort", () => controller.abort(), { once: true });
        };
        new Watch(config).watch(path, query, seen, done).then(stopWith, done);
      });
    },

    forward: async (target, stream) => {
      await signIn.check();
      try {
        await joined(new PortForward(config), target, stream);
      } catch (error) {
        const message = (error as { message?: unknown }).message;
        const code = /Unexpected server response: (\d+)/.exec(typeof message === "string" ? message : "")?.[1];
        const path = `/namespaces/${target.namespace}/pods/${target.pod}`;
        if (code === "403") {
          const { namespace } = target;
          throw new KubernetesError("forbidden", { user: "", verb: "create", resource: "pods/portforward", namespace });
        }
        if (code !== undefined) throw failureOfStatus(Number(code), {}, asked(path));
        throw failureOfNetwork(error, asked(path));
      }
    },
  };
}

/** The library reads the Pod's side into the stream and leaves how much is on its way to us, in both directions. */
async function joined(forward: PortForward, { namespace, pod, port }: PodPort, stream: Duplex): Promise<void> {
  const problems = new Writable({
    // The kubelet says here that nobody listens at this port, after two bytes that name it.
    write: (piece: Buffer, _encoding, done) => {
      if (piece.length > 0) stream.destroy();
      done();
    },
  });
  // What the viewer sends goes past the library, which would take any amount of it into memory.
  const none = new Readable({ read: () => undefined });
  const socket = (await forward.portForward(namespace, pod, [port], stream, problems, none)) as unknown as WebSocket;
  socket.on("close", () => stream.destroy());
  socket.on("error", () => stream.destroy());
  if (stream.destroyed) return socket.terminate();
  stream.on("close", () => socket.close());
  socket.on("message", () => {
    if (stream.writableNeedDrain) socket.pause();
  });
  stream.on("drain", () => socket.resume());
  let queuedBytes = 0;
  stream.on("data", (piece: Buffer) => {
    queuedBytes += piece.length;
    if (queuedBytes > QUEUE_BYTES) stream.pause();
    // Channel 0 carries the port's bytes.
    socket.send(Buffer.concat([Buffer.of(0), piece]), () => {
      queuedBytes -= piece.length;
      if (queuedBytes <= QUEUE_BYTES && stream.isPaused()) stream.resume();
    });
  });
  // It was held until there was somebody to listen.
  stream.resume();
}

function libraryConfig({ name, namespace, cluster, user, userName }: ContextChoice, signIn: SignIn): KubeConfig {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [
      {
        name: "cluster",
        server: cluster.server,
        caData: cluster["certificate-authority-data"],
        caFile: cluster["certificate-authority"],
        tlsServerName: cluster["tls-server-name"],
        proxyUrl: cluster["proxy-url"],
        // The library takes http:// only so; `sign-in.ts` has refused it beyond this computer.
        skipTLSVerify: cluster["insecure-skip-tls-verify"] || cluster.server.startsWith("http:"),
      },
    ],
    users: [
      {
        name: userName || "user",
        certData: user["client-certificate-data"],
        certFile: user["client-certificate"],
        keyData: user["client-key-data"],
        keyFile: user["client-key"],
        token: user.tokenFile === undefined ? user.token : undefined,
        username: user.username,
        password: user.password,
        impersonateUser: user.as,
        authProvider: providerOf(user),
      },
    ],
    contexts: [{ name, cluster: "cluster", user: userName || "user", namespace }],
    currentContext: name,
  });
  config.addAuthenticator(pluginAuthenticator(signIn));
  return config;
}

function providerOf(user: ContextChoice["user"]): object | undefined {
  if (user.exec !== undefined) return { name: PLUGIN, config: {} };
  if (user.tokenFile !== undefined) return { name: "tokenFile", config: { tokenFile: user.tokenFile } };
  return user["auth-provider"];
}

const pluginAuthenticator = (signIn: SignIn): Parameters<KubeConfig["addAuthenticator"]>[0] => ({
  isAuthProvider: (user: User) => (user.authProvider as { name?: unknown } | undefined)?.name === PLUGIN,
  applyAuthentication: async (_user, options) => {
    const credential = await signIn.credential();
    if (credential?.token !== undefined) {
      const headers = options.headers as Readonly<Record<string, string>> | undefined;
      options.headers = { ...headers, Authorization: `Bearer ${credential.token}` };
    }
    if (credential?.certificate !== undefined) options.cert = credential.certificate;
    if (credential?.key !== undefined) options.key = credential.key;
  },
});

function json(text: string, asked: Asked): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const { server } = asked;
    throw new KubernetesError("cluster-failed", { server, status: "200", problem: "no JSON" });
  }
}

/** A proxy in front of the API server answers with a page of its own. */
function statusOf(text: string): ApiStatus {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return { message: text.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ") };
  }
}
