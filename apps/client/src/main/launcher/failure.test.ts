// The words in which engines, registries and ssh say what went wrong, as they were seen, and the reason that each is told as.

import { expect, it } from "vitest";
import { launcherError, LauncherError, SshDialError } from "./failure.ts";

const coded = (code: string, message = code) => Object.assign(new Error(message), { code });
const context = { engine: "unix:///var/run/docker.sock", image: "eglantine:full" };

it.each([
  [
    "port is already allocated",
    "(HTTP code 500) server error - driver failed programming external connectivity on endpoint x: Bind for 127.0.0.1:8080 failed: port is already allocated ",
    "portTaken",
  ],
  [
    "a port of another program",
    "(HTTP code 500) server error - driver failed: Error starting userland proxy: listen tcp4 127.0.0.1:8080: bind: address already in use ",
    "portTaken",
  ],
  [
    "a port on Docker Desktop",
    "(HTTP code 500) server error - Ports are not available: exposing port TCP 127.0.0.1:8080",
    "portTaken",
  ],
  [
    "no GPU runtime",
    '(HTTP code 500) server error - could not select device driver "" with capabilities: [[gpu]] ',
    "gpuUnavailable",
  ],
  [
    "no /dev/dri",
    '(HTTP code 500) server error - error gathering device information while adding custom device "/dev/dri": no such file or directory ',
    "gpuUnavailable",
  ],
  [
    "no CDI device",
    "(HTTP code 500) server error - CDI device injection failed: unresolvable CDI devices nvidia.com/gpu=all ",
    "gpuUnavailable",
  ],
  [
    "a name in use",
    '(HTTP code 409) unexpected - Conflict. The container name "/eglantine" is already in use by container "1234". ',
    "nameTaken",
  ],
  ["a full disk", "write /var/lib/docker/tmp/GetImageBlob1: no space left on device", "diskFull"],
  [
    "another architecture's program",
    "(HTTP code 400) unexpected - OCI runtime create failed: exec /usr/bin/eglantine: exec format error",
    "imageArchitecture",
  ],
  ["a container that is gone", "(HTTP code 404) no such container - No such container: desk ", "containerGone"],
  ["what nobody has seen", "(HTTP code 500) server error - the moon is full ", "engineError"],
])("tells %s", (_, message, reason) => {
  expect(launcherError(new Error(message), context).reason).toBe(reason);
});

it.each([
  ["manifest unknown", "manifest for eglantine:none not found: manifest unknown: manifest unknown", "imageMissing"],
  [
    "a repository that wants a login",
    "pull access denied for eglantine, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    "imageDenied",
  ],
  [
    "no manifest for this machine",
    "no matching manifest for linux/arm64/v8 in the manifest list entries",
    "imageArchitecture",
  ],
  [
    "a name that nobody knows",
    'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host',
    "registryUnreachable",
  ],
  ["a layer that breaks off", "unexpected EOF", "pullBroken"],
  ["a layer that is not what it should be", "filesystem layer verification failed for digest sha256:12", "pullBroken"],
])("tells %s while it fetches", (_, message, reason) => {
  expect(launcherError(new Error(message), { ...context, doing: "pull" }).reason).toBe(reason);
});

it.each([
  ["EACCES", "engineDenied"],
  ["ENOENT", "engineAbsent"],
  ["ECONNREFUSED", "engineAbsent"],
  ["ECONNRESET", "engineLost"],
  ["ETIMEDOUT", "engineSlow"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "engineTls"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "engineTls"],
])("tells the system's %s", (code, reason) => {
  expect(launcherError(coded(code), context).reason).toBe(reason);
});

it.each([
  [
    "a changed host key",
    "@@@\nWARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!\nHost key verification failed.",
    "sshHostKey",
  ],
  ["a refused key", "user@desk: Permission denied (publickey).", "sshDenied"],
  ["a machine that is away", "ssh: connect to host desk port 22: Connection refused", "sshUnreachable"],
  ["a machine without Docker", "bash: line 1: docker: command not found", "sshNoDocker"],
  [
    "a user without rights there",
    "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
    "engineDenied",
  ],
  [
    "an engine that stands still there",
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    "engineAbsent",
  ],
  ["ssh itself missing", "ENOENT", "sshMissing"],
])("tells %s behind ssh", (_, said, reason) => {
  expect(launcherError(new SshDialError(said), context).reason).toBe(reason);
});

it("knows a call that was given up from one that took too long", () => {
  const aborted = new DOMException("The operation was aborted", "AbortError");
  expect(launcherError(aborted, context).reason).toBe("cancelled");
  const slow = new Error("The operation was aborted", { cause: new DOMException("timeout", "TimeoutError") });
  slow.name = "AbortError";
  expect(launcherError(slow, context).reason).toBe("engineSlow");
  expect(launcherError(coded("ECONNRESET"), { ...context, signal: AbortSignal.abort() }).reason).toBe("cancelled");
});

it("says the last line of what was said, and not all of a long one; a failure that is one already stays", () => {
  const { parameters } = launcherError(new Error(`first\n${"x".repeat(1000)}`), context);
  expect(parameters["why"]).toHaveLength(300);
  const known = new LauncherError("busy");
  expect(launcherError(known, context)).toBe(known);
});
