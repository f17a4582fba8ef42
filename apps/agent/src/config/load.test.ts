import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { UsageError } from "../errors.ts";
import { helpText } from "./describe.ts";
import { type Config, programEnvironment, readCommand } from "./load.ts";
import { OPTIONS } from "./options.ts";

function config(flags: readonly string[] = [], env: Record<string, string> = {}): Config {
  const command = readCommand(["serve", ...flags], env);
  if (command.name !== "serve") throw new Error("not serve");
  return command.config;
}

test("with nothing set, it is port 8080 on loopback, 60 Hz, any encoder", () => {
  expect(config()).toMatchObject({
    host: "127.0.0.1",
    port: 8080,
    framesPerSecond: 60,
    encoder: "auto",
    auth: true,
    user: "user",
    widthPx: 1920,
    heightPx: 1080,
  });
  expect(config().password).toBeUndefined();
});

test("in a container it listens on all addresses", () => {
  expect(config([], { EGLANTINE_CONTAINER: "true" }).host).toBe("0.0.0.0");
  expect(config([], { EGLANTINE_CONTAINER: "true", EGLANTINE_HOST: "127.0.0.1" }).host).toBe("127.0.0.1");
});

test("a flag counts before its variable", () => {
  expect(config(["--port", "9"], { EGLANTINE_PORT: "10" }).port).toBe(9);
  expect(config(["--port=9"]).port).toBe(9);
});

test("later names are aliases, and the main name counts before them", () => {
  expect(config([], { SELKIES_ENCODER: "x264enc" }).encoder).toBe("x264enc");
  expect(config([], { SELKIES_ENCODER: "x264enc", WEBRTC_ENCODER: "nvh264enc" }).encoder).toBe("nvh264enc");
});

test("scale and largest size are words, numbers and sizes within bounds, or refused with what is allowed", () => {
  expect(config().scale).toBeUndefined();
  expect(config().maxSize).toEqual({ widthPx: 7680, heightPx: 4320 });
  for (const [text, scale] of [
    ["auto", "auto"],
    ["off", "off"],
    ["1.5", 1.5],
    ["2", 2],
  ] as const) {
    expect(config([], { EGLANTINE_SCALE: text }).scale).toBe(scale);
  }
  expect(config(["--max-size", "3840x2160"]).maxSize).toEqual({ widthPx: 3840, heightPx: 2160 });
  for (const text of ["0.4", "4.5", "200%", "-1", "1e1", "Auto", "NaN"]) {
    expect(() => config([], { EGLANTINE_SCALE: text })).toThrow(/EGLANTINE_SCALE.*from 0.5 to 4/);
  }
  for (const text of ["3840", "3840x", "63x64", "8193x600", "3840X2160", "1e3x800"]) {
    expect(() => config([], { EGLANTINE_MAX_SIZE: text })).toThrow(/EGLANTINE_MAX_SIZE.*such as 3840x2160/);
  }
});

test("an empty variable is an unset one", () => {
  expect(config([], { REFRESH: "", SELKIES_FRAMERATE: "30" }).framesPerSecond).toBe(30);
});

test("the password falls back to PASSWD", () => {
  expect(config([], { PASSWD: "p" }).password).toBe("p");
  expect(config([], { PASSWD: "p", BASIC_AUTH_PASSWORD: "b" }).password).toBe("b");
});

test("a secret may stand in a file, without its last line end", () => {
  const directory = mkdtempSync(join(tmpdir(), "eglantine-config-"));
  const file = join(directory, "password");
  writeFileSync(file, " from a file \n");
  expect(config([], { BASIC_AUTH_PASSWORD_FILE: file }).password).toBe(" from a file ");
  rmSync(directory, { recursive: true });
});

test("a secret's file that is empty counts as none", () => {
  const env = { TURN_SHARED_SECRET_FILE: "/dev/null", BASIC_AUTH_PASSWORD_FILE: "/dev/null", PASSWD: "p" };
  expect(config([], env)).toMatchObject({ password: "p" });
  expect(config([], env).turnSharedSecret).toBeUndefined();
});

test("a secret's file that can't be read is named", () => {
  expect(() => config([], { PASSWD_FILE: "/nowhere/secret" })).toThrow(/PASSWD_FILE.*\/nowhere\/secret/);
});

test.each([
  ["--port", "70000", /--port: "70000" must be a whole number from 0 to 65535/],
  ["--encoder", "theora", /--encoder: "theora" is none of auto, nvh264enc/],
  ["--encoder", "x263enc", /--encoder: "x263enc" .*; did you mean "x26[45]enc"/],
  ["--auth", "maybe", /--auth: "maybe" must be true or false/],
  ["--display", "screen", /--display: "screen" must be an X display/],
  ["--allowed-origins", "example.org", /--allowed-origins: .* must be origins/],
  ["--public-address", "desk", /--public-address: "desk" must be an IP address/],
])("%s %s is refused in words", (flag, value, sentence) => {
  expect(() => config([flag, value])).toThrow(sentence);
  expect(() => config([flag, value])).toThrow(UsageError);
});

test("a wrong variable is named as the user wrote it", () => {
  expect(() => config([], { DISPLAY_SIZEW: "wide" })).toThrow(/DISPLAY_SIZEW: "wide" must be a whole number/);
});

test("a wrong secret is not shown", () => {
  expect(() => config([], { BASIC_AUTH_PASSWORD: "x".repeat(2000) })).toThrow(
    /^BASIC_AUTH_PASSWORD: the value must be/,
  );
});

test("doctor has flags of its own beside the agent's, and serve has none of them", () => {
  const doctor = (...flags: string[]) => {
    const command = readCommand(["doctor", ...flags], { TURN_HOST: "turn.example.org" });
    return command.name === "doctor" ? command : undefined;
  };
  expect(doctor()?.request).toEqual({ json: false, only: undefined, measure: true, clockUrl: undefined });
  const all = doctor("--json", "--only", "network", "--no-measure", "--clock", "http://a.example", "--port", "9");
  expect(all?.request).toEqual({ json: true, only: "network", measure: false, clockUrl: "http://a.example" });
  expect(all?.config).toMatchObject({ port: 9, turnHost: "turn.example.org" });
  expect(() => doctor("--only", "netwrok")).toThrow(/did you mean "network"/);
  expect(() => doctor("--clock", "a.example")).toThrow(/--clock/);
  expect(() => readCommand(["serve", "--json"], {})).toThrow(/--json is a flag of doctor alone/);
});

test("programs that the agent starts are given no secret, nor the file of one", () => {
  const env = {
    PATH: "/bin",
    PASSWD: "a",
    BASIC_AUTH_PASSWORD_FILE: "/run/b",
    SELKIES_TURN_SHARED_SECRET: "c",
    TURN_PASSWORD: "d",
    NOVNC_VIEWPASS: "e",
    TURN_HOST: "turn.example.org",
  };
  expect(programEnvironment({ DISPLAY: ":7" }, env)).toEqual({
    PATH: "/bin",
    TURN_HOST: "turn.example.org",
    DISPLAY: ":7",
  });
});

test("an unknown flag, an unknown command and a stray word are refused", () => {
  expect(() => readCommand(["serve", "--colour", "red"], {})).toThrow(/--colour/);
  expect(() => readCommand(["server"], {})).toThrow(/unknown command "server"/);
  expect(() => readCommand(["serve", "now"], {})).toThrow(/"now" stands behind serve/);
  expect(() => readCommand([], {})).toThrow(/no command given/);
});

test("options that the session acts on are checked all the same", () => {
  expect(config([], { VGL_DISPLAY: "/dev/dri/card1" }).vglDisplay).toBe("/dev/dri/card1");
  expect(() => config([], { VGL_DISPLAY: "egg" })).toThrow(/VGL_DISPLAY: "egg" must be egl, egl0, egl1/);
  expect(() => config([], { EGLANTINE_GRAPHICS: "nvidea" })).toThrow(/did you mean "nvidia"/);
});

test("public addresses are one or several IP addresses", () => {
  expect(config([], {}).publicAddresses).toEqual([]);
  const several = config(["--public-address", "203.0.113.7, 2001:db8::7"]).publicAddresses;
  expect(several).toEqual(["203.0.113.7", "2001:db8::7"]);
  for (const wrong of ["desk.example", "203.0.113.7:8080", "1.2.3", "::1,nowhere"]) {
    expect(() => config([], { EGLANTINE_PUBLIC_ADDRESS: wrong })).toThrow(/must be an IP address/);
  }
});

test("a base path is a plain path", () => {
  for (const path of ["/", "/desk", "/desk/", "/a/b.c/~d"]) expect(config(["--base-path", path]).basePath).toBe(path);
  for (const path of ["desk", "/../x", "/a/./b", "/a//b", "/a?b", "/ä", "https://h/desk", `/${"x".repeat(65)}`]) {
    expect(() => config(["--base-path", path]), path).toThrow(/must be a path such as/);
  }
});

test("every default passes its own check, and no name stands twice", () => {
  const names = Object.values(OPTIONS).flatMap((row) => row.env);
  expect(new Set(names).size).toBe(names.length);
  for (const row of Object.values(OPTIONS)) {
    if ("preset" in row) expect(row.schema.safeParse(row.preset).success, row.env[0]).toBe(true);
  }
});

test("no secret can be given as a flag, where every user of the machine would see it", () => {
  const secrets = Object.values(OPTIONS).filter((row) => "secret" in row);
  expect(secrets.length).toBeGreaterThan(0);
  for (const row of secrets) expect("flag" in row).toBe(false);
});

test("--help names every flag", () => {
  const help = helpText();
  for (const row of Object.values(OPTIONS)) if ("flag" in row) expect(help).toContain(`--${row.flag} `);
});

test("viewers come in by TCP, by Unix sockets, or by both", () => {
  expect(config([]).listen).toEqual(["tcp"]);
  const both = ["tcp", "unix:/run/user/1000/eglantine.sock"];
  expect(config([], { EGLANTINE_LISTEN: both.join(", ") }).listen).toEqual(both);
  for (const wrong of ["", ",", "udp", "unix:relative", "tcp:8080", `unix:/${"x".repeat(107)}`]) {
    expect(() => config(["--listen", wrong]), wrong).toThrow(/must (be tcp, or unix: and|name tcp or)/);
  }
});
