// Checks: room on the home and in the folder for temporary files, and whether the home outlives the container.

import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { codeOf } from "../../errors.ts";
import { fileSystemAt, readText, type RuntimeName, spaceAt, wayFor } from "../runtime.ts";
import type { Check, Finding } from "../types.ts";

export const disk: Check = {
  name: "disk",
  group: "machine",
  title: "Disk space",
  doc: "Home and folder for temporary files: free space, and whether they can be written to.",
  limitMs: 5000,
  run: async (place) => {
    const home = place.config.home ?? homedir();
    return judgeSpace([lookAtFolder("home", home), lookAtFolder("temporary files", tmpdir())], place.runtime.name);
  },
};

export const homeVolume: Check = {
  name: "home-volume",
  group: "machine",
  title: "Home on a volume",
  doc: "Whether what is saved in the home outlives the container. In containers alone.",
  limitMs: 2000,
  run: async (place) => judgeHome(place.config.home ?? homedir(), readText("/proc/self/mountinfo"), place.runtime.name),
};

export interface FolderLook {
  readonly what: string;
  readonly path: string;
  /** undefined: nothing is there. */
  readonly freeBytes: number | undefined;
  /** The system's code; undefined: it can be written to. */
  readonly refused: string | undefined;
}

const WARN_BYTES = 1e9;
const FAIL_BYTES = 100e6;

export function judgeSpace(folders: readonly FolderLook[], runtime: RuntimeName): Finding {
  const details = folders.map(said);
  const figures = Object.fromEntries(
    folders.map(({ what, freeBytes }) => [what === "home" ? "homeFreeBytes" : "temporaryFreeBytes", freeBytes ?? 0]),
  );
  const shut = folders.find(({ refused }) => refused !== undefined);
  if (shut !== undefined) {
    return {
      verdict: "fail",
      seen: said(shut),
      means: "Programs can't keep anything there, and many do not start",
      fix: writableFlag(shut, runtime),
      details,
      figures,
    };
  }
  const [least] = folders.toSorted((a, b) => (a.freeBytes ?? 0) - (b.freeBytes ?? 0));
  const seen = least === undefined ? "" : said(least);
  if ((least?.freeBytes ?? 0) >= WARN_BYTES) {
    return { verdict: "pass", seen, means: "There is room", details, figures };
  }
  return {
    verdict: (least?.freeBytes ?? 0) < FAIL_BYTES ? "fail" : "warn",
    seen,
    means: "Browsers and downloads soon fill that",
    fix: "make room on the disk (docker system df shows what containers take), or a larger volume or tmpfs there",
    details,
    figures,
  };
}

function writableFlag({ what, path }: FolderLook, runtime: RuntimeName): string {
  const home = what === "home";
  return wayFor(runtime, {
    docker: home ? `-v eglantine-home:${path}` : `--tmpfs ${path}`,
    kubernetes: `a volume at ${path}${home ? ", and securityContext: { fsGroup: 1000 }" : ": emptyDir"}`,
    apptainer: home ? "apptainer run --home FOLDER" : "apptainer run --writable-tmpfs",
    plain: `chown or chmod ${path}`,
  });
}

export function judgeHome(home: string, mountinfo: string, runtime: RuntimeName): Finding {
  if (runtime === "none") {
    return { verdict: "skip", seen: home, means: "This is no container: the home is the machine's" };
  }
  const above = home.split("/").map((_, index, parts) => parts.slice(0, index + 1).join("/"));
  // Not the root itself, which goes with the container.
  const mounted = above.findLast((path) => path !== "" && fileSystemAt(mountinfo, path) !== undefined);
  const inMemory = mounted !== undefined && fileSystemAt(mountinfo, mounted) === "tmpfs";
  if (mounted !== undefined && !inMemory) {
    return { verdict: "pass", seen: `${mounted} is a volume`, means: "What is saved there outlives the container" };
  }
  return {
    verdict: "warn",
    seen: inMemory ? `${mounted} is in memory (tmpfs)` : `${home} is in the container itself`,
    means: "What is saved there is gone with the container",
    fix: wayFor(runtime, {
      docker: `-v eglantine-home:${home}`,
      kubernetes: `a PersistentVolumeClaim mounted at ${home}`,
      apptainer: "apptainer run --home FOLDER",
      plain: "",
    }),
  };
}

function said({ what, path, freeBytes, refused }: FolderLook): string {
  if (refused !== undefined) return `${what} (${path}) can't be written to (${refused})`;
  return `${what} (${path}): ${((freeBytes ?? 0) / 1e9).toFixed(1)} GB free`;
}

/** Writes a few bytes and takes them away again. */
function lookAtFolder(what: string, path: string): FolderLook {
  const freeBytes = spaceAt(path)?.freeBytes;
  let own: string | undefined;
  try {
    own = mkdtempSync(join(path, ".eglantine-doctor-"));
    const file = openSync(join(own, "probe"), "wx", 0o600);
    writeSync(file, "eglantine\n");
    closeSync(file);
    return { what, path, freeBytes, refused: undefined };
  } catch (error) {
    const refused = codeOf(error);
    if (refused === undefined) throw error;
    return { what, path, freeBytes, refused };
  } finally {
    if (own !== undefined) rmSync(own, { recursive: true, force: true });
  }
}
