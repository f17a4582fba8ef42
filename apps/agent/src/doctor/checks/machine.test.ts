// The checks of the group "machine": shared-memory.ts, space.ts, clock.ts, words.ts.

import { describe, expect, test } from "vitest";
import { judgeClock } from "./clock.ts";
import { judgeSharedMemory, type SharedMemoryLook } from "./shared-memory.ts";
import { judgeHome, judgeSpace } from "./space.ts";
import { judgeFonts, judgeLocale, judgeZone } from "./words.ts";

const MIB = 2 ** 20;

describe("shared memory", () => {
  const look: SharedMemoryLook = {
    totalBytes: 1024 * MIB,
    readOnly: false,
    screenBytes: 1920 * 1080 * 4,
    runtime: "docker",
  };

  test("Docker's own 64 MiB are too little, with the flag", () => {
    expect(judgeSharedMemory({ ...look, totalBytes: 64 * MIB })).toMatchObject({
      verdict: "fail",
      seen: "/dev/shm holds 64 MiB; 528 MiB are needed",
      fix: "docker run --shm-size=1g",
    });
    expect(judgeSharedMemory({ ...look, totalBytes: 64 * MIB, runtime: "kubernetes" }).fix).toMatch(/medium: Memory/);
  });

  test("a larger screen needs more", () => {
    const some = { ...look, totalBytes: 530 * MIB };
    expect(judgeSharedMemory(some).verdict).toBe("pass");
    expect(judgeSharedMemory({ ...some, screenBytes: 3840 * 2160 * 4 }).verdict).toBe("warn");
  });

  test("none, or one that can't be written to, is a failure", () => {
    expect(judgeSharedMemory({ ...look, totalBytes: undefined }).verdict).toBe("fail");
    expect(judgeSharedMemory({ ...look, readOnly: true }).verdict).toBe("fail");
  });
});

describe("disk space", () => {
  const home = { what: "home", path: "/home/user", freeBytes: 50e9, refused: undefined };
  const tmp = { what: "temporary files", path: "/tmp", freeBytes: 5e9, refused: undefined };

  test("the fullest folder gives the verdict", () => {
    expect(judgeSpace([home, tmp], "docker")).toMatchObject({
      verdict: "pass",
      seen: "temporary files (/tmp): 5.0 GB free",
    });
    expect(judgeSpace([home, { ...tmp, freeBytes: 900e6 }], "docker").verdict).toBe("warn");
    expect(judgeSpace([{ ...home, freeBytes: 1e6 }, tmp], "docker").verdict).toBe("fail");
  });

  test("a folder that can't be written to is told with the flag", () => {
    expect(judgeSpace([home, { ...tmp, refused: "EROFS" }], "docker")).toMatchObject({
      verdict: "fail",
      fix: "docker run --tmpfs /tmp",
    });
    expect(judgeSpace([{ ...home, refused: "EACCES" }, tmp], "docker").fix).toBe(
      "docker run -v eglantine-home:/home/user",
    );
  });
});

test("a home in the container itself is warned about, on a volume or above one it is not", () => {
  const root = "1 0 0:1 / / ro - overlay overlay rw";
  expect(judgeHome("/home/user", root, "docker")).toMatchObject({
    verdict: "warn",
    fix: "docker run -v eglantine-home:/home/user",
  });
  expect(judgeHome("/home/user", `${root}\n2 1 254:1 /x /home/user rw - ext4 /dev/vda1 rw`, "docker").verdict).toBe(
    "pass",
  );
  expect(judgeHome("/home/user", `${root}\n2 1 254:1 /x /home rw - ext4 /dev/vda1 rw`, "docker").seen).toBe(
    "/home is a volume",
  );
  expect(judgeHome("/home/user", `${root}\n2 1 0:7 / /home/user rw - tmpfs tmpfs rw`, "docker").verdict).toBe("warn");
  expect(judgeHome("/home/user", root, "none").verdict).toBe("skip");
});

test("a clock is right within seconds, doubtful within minutes, wrong beyond, whichever way", () => {
  expect(judgeClock("the viewer's clock", 1200)).toMatchObject({
    verdict: "pass",
    seen: "1.2 s ahead of the viewer's clock",
  });
  expect(judgeClock("the viewer's clock", -60_000)).toMatchObject({
    verdict: "warn",
    seen: "60.0 s behind the viewer's clock",
  });
  expect(judgeClock("the viewer's clock", 86_400_000)).toMatchObject({
    verdict: "fail",
    figures: { aheadMs: 86_400_000 },
  });
});

test("a time zone is a file, a rule or none; what is neither is told", () => {
  const known = (zone: string) => zone === "Europe/Berlin";
  expect(judgeZone("Europe/Berlin", known, true).verdict).toBe("pass");
  expect(judgeZone(":Europe/Berlin", known, true).verdict).toBe("pass");
  expect(judgeZone("CET-1CEST", known, true).verdict).toBe("pass");
  expect(judgeZone(undefined, known, true).verdict).toBe("pass");
  expect(judgeZone("Europe/Berlyn", known, true)).toMatchObject({
    verdict: "warn",
    fix: "TZ=Area/City, as in TZ=Europe/Berlin",
  });
  expect(judgeZone("Europe/Berlin", () => false, false).fix).toMatch(/tzdata/);
  expect(judgeZone("../../etc/passwd", () => true, true).verdict).toBe("warn");
});

test("a locale must be installed, and one of UTF-8", () => {
  const installed = "C\nC.utf8\nPOSIX\nde_DE.utf8\n";
  expect(judgeLocale("C.UTF-8", installed).verdict).toBe("pass");
  expect(judgeLocale("de_DE.UTF-8", installed).verdict).toBe("pass");
  expect(judgeLocale("fr_FR.UTF-8", installed)).toMatchObject({
    verdict: "warn",
    seen: "fr_FR.UTF-8 is not installed",
  });
  expect(judgeLocale(undefined, installed)).toMatchObject({
    verdict: "warn",
    seen: "LANG is not set",
    fix: "LANG=C.UTF-8",
  });
  expect(judgeLocale(undefined, installed, true).verdict).toBe("pass");
  expect(judgeLocale("C.UTF-8", undefined).verdict).toBe("skip");
});

test("fonts: none at all is a failure, missing scripts a warning by name", () => {
  expect(judgeFonts(0, ["Japanese"]).verdict).toBe("fail");
  expect(judgeFonts(20, ["Japanese", "emoji"])).toMatchObject({
    verdict: "warn",
    seen: "20 fonts; none for Japanese, emoji",
  });
  expect(judgeFonts(20, []).verdict).toBe("pass");
});
