import { expect, test } from "vitest";
import { fileSystemAt, mountIsReadOnly, runtimeOf, type RuntimeTraces, wayFor } from "./runtime.ts";

/** As in a container of Docker with `--read-only --tmpfs /tmp -v home:/home/user`. */
const DOCKER_MOUNTS = [
  "1071 949 0:56 / / ro,relatime - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/A,upperdir=/u,workdir=/w",
  "1072 1071 0:59 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw",
  "1073 1071 0:60 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755,inode64",
  "1078 1073 0:58 / /dev/shm rw,nosuid,nodev,noexec,relatime - tmpfs shm rw,size=65536k,inode64",
  "1080 1071 254:1 /var/lib/docker/volumes/home/_data /home/user rw,relatime - ext4 /dev/vda1 rw",
  "1081 1071 0:61 / /tmp rw,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,inode64",
].join("\n");
const PLAIN_MOUNTS = "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard";

const NOTHING: RuntimeTraces = {
  kubernetesHost: false,
  apptainer: false,
  container: undefined,
  podmanFile: false,
  dockerFile: false,
  apptainerFolder: false,
  mountinfo: PLAIN_MOUNTS,
};

test.each([
  ["none", {}],
  ["docker", { dockerFile: true }],
  ["podman", { podmanFile: true }],
  ["podman", { container: "podman" }],
  ["kubernetes", { kubernetesHost: true, dockerFile: true }],
  ["apptainer", { apptainer: true, apptainerFolder: true }],
  // An image of Apptainer's that was made of a container of Docker's, and started by an older one without its variables.
  ["apptainer", { apptainerFolder: true }],
  ["docker", { dockerFile: true, apptainerFolder: true }],
  ["other", { container: "lxc" }],
  ["other", { mountinfo: DOCKER_MOUNTS }],
] as const)("%s is told by what it leaves in a container: %o", (name, traces) => {
  expect(runtimeOf({ ...NOTHING, ...traces })).toBe(name);
});

test("a read-only root is told from the mounts in it", () => {
  expect(mountIsReadOnly(DOCKER_MOUNTS, "/")).toBe(true);
  expect(mountIsReadOnly(DOCKER_MOUNTS, "/tmp")).toBe(false);
  expect(mountIsReadOnly(PLAIN_MOUNTS, "/")).toBe(false);
  expect(mountIsReadOnly("27 1 254:0 / / rw,relatime - ext4 /dev/vda ro", "/")).toBe(true);
});

test("of two mounts at one place the later one counts", () => {
  const twice = `${DOCKER_MOUNTS}\n1099 1071 0:70 / /tmp ro,relatime - tmpfs tmpfs rw`;
  expect(mountIsReadOnly(twice, "/tmp")).toBe(true);
});

test("a file system is that at this very path", () => {
  expect(fileSystemAt(DOCKER_MOUNTS, "/home/user")).toBe("ext4");
  expect(fileSystemAt(DOCKER_MOUNTS, "/tmp")).toBe("tmpfs");
  expect(fileSystemAt(DOCKER_MOUNTS, "/home")).toBeUndefined();
});

test("each runtime is told its own words", () => {
  const ways = { docker: "--a", podman: "--b", kubernetes: "c: d", apptainer: "apptainer run --e", plain: "f" };
  expect(
    (["docker", "podman", "other", "kubernetes", "apptainer", "none"] as const).map((name) => wayFor(name, ways)),
  ).toEqual(["docker run --a", "podman run --b", "as docker run --a", "c: d", "apptainer run --e", "f"]);
  expect(wayFor("podman", { docker: "--a", kubernetes: "", apptainer: "", plain: "" })).toBe("podman run --a");
});
