import { expect, test } from "vitest";
import { capabilitiesOf, readProcessStatus } from "./proc-status.ts";

/** As Linux 6.1 writes it, its other lines left out. */
const status = (lines: Readonly<Record<string, string>>): string =>
  ["Name:\tnode", "Umask:\t0022", ...Object.entries(lines).map(([name, value]) => `${name}:\t${value}`), ""].join("\n");

/** `docker run` without flags. */
const DOCKER = {
  CapInh: "0000000000000000",
  CapPrm: "00000000a80425fb",
  CapEff: "00000000a80425fb",
  CapBnd: "00000000a80425fb",
  CapAmb: "0000000000000000",
  NoNewPrivs: "0",
  Seccomp: "2",
  Seccomp_filters: "1",
};

test("Docker's own set of capabilities is told by name", () => {
  const { effective, bounding } = readProcessStatus(status(DOCKER));
  expect(effective).toEqual([
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SYS_CHROOT",
    "MKNOD",
    "AUDIT_WRITE",
    "SETFCAP",
  ]);
  expect(bounding).toEqual(effective);
});

test("seccomp and no_new_privs are read", () => {
  expect(readProcessStatus(status(DOCKER))).toMatchObject({ seccomp: "filter", noNewPrivs: false });
  const held = { ...DOCKER, Seccomp: "0", NoNewPrivs: "1" };
  expect(readProcessStatus(status(held))).toMatchObject({ seccomp: "off", noNewPrivs: true });
});

test("no bit, the highest one known, and one beyond have their names", () => {
  expect(capabilitiesOf("0000000000000000")).toEqual([]);
  expect(capabilitiesOf("0000010000000000")).toEqual(["CHECKPOINT_RESTORE"]);
  expect(capabilitiesOf("0000020000000001")).toEqual(["CHOWN", "CAP_41"]);
});

test("a file without the fields is refused by the field's name", () => {
  expect(() => readProcessStatus("Name:\tnode\nSeccomp:\t2\n")).toThrow(/CapEff/);
});
