// This machine's file system with a layer of its own above it, in a mount namespace: what a script installs there is real to it, and gone when
// it ends. Needs the rights of root. Used by the tests of packages.

import { spawnSync } from "node:child_process";

/** As root in the namespace; `$1` is the folder for the mounts, `$2` the script. The layer is in memory. */
const WITHIN = `
set -e
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root
mount -t proc proc /mnt/root/proc
mount --rbind /dev /mnt/root/dev
mount --rbind "$1" "/mnt/root$1"
exec chroot /mnt/root sh -euc "$2"
`;

function run(folder: string, script: string) {
  const namespace = ["--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"];
  return spawnSync("unshare", [...namespace, "sh", "-c", WITHIN, "sh", folder, script], { encoding: "utf8" });
}

/** Why this machine can have no such copy. */
export function copyRefusal(folder: string): string | undefined {
  if (process.getuid?.() !== 0) return "only root may install packages";
  const { status, stderr } = run(folder, "true");
  return status === 0 ? undefined : `no layer above the file system: ${stderr.trim().split("\n")[0]}`;
}

/** What the script prints. `folder`: seen there too, where it is. Fails when the script does. */
export function runInCopy(folder: string, script: string): string {
  const { status, stdout, stderr } = run(folder, script);
  if (status !== 0) throw new Error(`the script ended with ${status}:\n${stdout}\n${stderr}`);
  return stdout;
}
