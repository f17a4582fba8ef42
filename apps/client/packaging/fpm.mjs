#!/usr/bin/env node
// fpm's part that electron-builder calls for .deb and .rpm, with Debian's own tools (dpkg-deb, rpmbuild), for machines that cannot fetch
// fpm's build. Takes fpm's options; one that it does not know is an error. Called as CUSTOM_FPM_PATH, set by package.mjs.
// What the packages hold and say is electron-builder's (electron-builder.yml), not this file's.

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";

/** @param {string[]} argv @param {string} [cwd] */
function run(argv, cwd) {
  const [program = "", ...args] = argv;
  const { error, status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: "utf8" });
  if (error !== undefined) throw new Error(`${program}: ${error.message} (Debian packages dpkg-dev and rpm)`);
  if (status !== 0) throw new Error(`${argv.join(" ")}:\n${stdout}\n${stderr}`);
  return stdout;
}

const text = /** @type {const} */ ({ type: "string" });
const texts = /** @type {const} */ ({ type: "string", multiple: true });
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "input-type": { ...text, short: "s" },
    "output-type": { ...text, short: "t" },
    force: { type: "boolean" },
    depends: { ...texts, short: "d" },
    "deb-recommends": texts,
    "deb-compression": text,
    "deb-priority": text,
    "rpm-os": text,
    "rpm-compression": text,
    "rpm-summary": text,
    architecture: text,
    "after-install": text,
    "after-remove": text,
    description: text,
    version: text,
    package: text,
    name: text,
    maintainer: text,
    vendor: text,
    url: text,
    category: text,
    license: text,
  },
});

const need = (/** @type {"name" | "version" | "package" | "architecture" | "description"} */ option) => {
  const value = values[option];
  if (value === undefined) throw new Error(`--${option} is missing`);
  return value;
};

/** Copies each SOURCE=/PLACE; with a slash behind SOURCE what the folder holds. Modes as a package has them. */
function stage(/** @type {string} */ root) {
  for (const input of positionals) {
    const [from = "", to = ""] = input.split("=");
    const place = join(root, to);
    mkdirSync(dirname(place), { recursive: true });
    if (!existsSync(from)) throw new Error(`${from} is not there`);
    cpSync(from, place, { recursive: true, verbatimSymlinks: true });
  }
  tidy(root);
}

/** Folders and programs 0755, files 0644; nothing is a link out of the package. */
function tidy(/** @type {string} */ folder) {
  chmodSync(folder, 0o755);
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const kind = lstatSync(path);
    if (kind.isDirectory()) tidy(path);
    else if (kind.isFile()) chmodSync(path, (kind.mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}

const script = (/** @type {"after-install" | "after-remove"} */ option) => {
  const path = values[option];
  return path === undefined ? undefined : readFileSync(path, "utf8");
};

function makeDeb(/** @type {string} */ work) {
  const root = join(work, "root");
  stage(root);
  const sizeKb = run(["du", "-sk", "--apparent-size", root]).split("\t")[0];
  const [synopsis = "", ...lines] = need("description").split("\n");
  const list = (/** @type {readonly string[] | undefined} */ names) => (names ?? []).join(", ");
  const fields = [
    ["Package", need("name")],
    ["Version", need("version")],
    ["Architecture", need("architecture")],
    ["Maintainer", values.maintainer],
    ["Vendor", values.vendor],
    ["License", values.license],
    ["Installed-Size", sizeKb],
    ["Depends", list(values.depends)],
    ["Recommends", list(values["deb-recommends"])],
    ["Section", values.category],
    ["Priority", values["deb-priority"]],
    ["Homepage", values.url],
    ["Description", [synopsis, ...lines.map((line) => ` ${line.trim()}`)].join("\n")],
  ];
  const control = join(root, "DEBIAN");
  mkdirSync(control);
  const written = fields.filter(([, value]) => value !== undefined && value !== "");
  writeFileSync(join(control, "control"), `${written.map(([name, value]) => `${name}: ${value}`).join("\n")}\n`);
  const sums = run(
    ["sh", "-c", "find . -path ./DEBIAN -prune -o -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 md5sum"],
    root,
  );
  writeFileSync(join(control, "md5sums"), sums);
  for (const [name, option] of /** @type {const} */ ([
    ["postinst", "after-install"],
    ["postrm", "after-remove"],
  ])) {
    const content = script(option);
    if (content === undefined) continue;
    writeFileSync(join(control, name), content);
    chmodSync(join(control, name), 0o755);
  }
  run(["dpkg-deb", "--root-owner-group", `-Z${values["deb-compression"] ?? "xz"}`, "--build", root, need("package")]);
}

/** What Debian's names are called there. @type {Readonly<Record<string, string>>} */
const RPM_ARCHITECTURES = { amd64: "x86_64", arm64: "aarch64" };

function makeRpm(/** @type {string} */ work) {
  const root = join(work, "root");
  stage(root);
  // A percent sign begins a macro.
  const plain = (/** @type {string} */ words) => words.replaceAll("%", "%%");
  const scriptlet = (/** @type {string} */ section, /** @type {"after-install" | "after-remove"} */ option) => {
    const content = script(option);
    return content === undefined ? [] : [`%${section} -p /bin/bash`, plain(content.replace(/^#!.*\n/, ""))];
  };
  const spec = [
    `Name: ${need("name")}`,
    `Version: ${need("version")}`,
    "Release: 1",
    `Summary: ${plain(values["rpm-summary"] ?? need("description").split("\n")[0] ?? "")}`,
    `License: ${values.license ?? "Unknown"}`,
    ...(values.url === undefined ? [] : [`URL: ${values.url}`]),
    ...(values.vendor === undefined ? [] : [`Vendor: ${values.vendor}`]),
    ...(values.maintainer === undefined ? [] : [`Packager: ${values.maintainer}`]),
    ...(values.depends ?? []).map((name) => `Requires: ${name}`),
    "AutoReqProv: no",
    "%description",
    plain(need("description")),
    ...scriptlet("post", "after-install"),
    ...scriptlet("postun", "after-remove"),
    "%files",
    ...ownFiles(root),
    "",
  ];
  writeFileSync(join(work, "package.spec"), spec.join("\n"));
  // As it lies there: nothing is stripped, compiled or compressed anew.
  const definitions = {
    _topdir: join(work, "rpm"),
    _rpmdir: join(work, "made"),
    _rpmfilename: "package.rpm",
    _binary_payload: "w6.xzdio",
    __os_install_post: "%{nil}",
    _build_id_links: "none",
    _dbpath: join(work, "db"),
  };
  const defined = Object.entries(definitions).flatMap(([name, value]) => ["--define", `${name} ${value}`]);
  const architecture = RPM_ARCHITECTURES[need("architecture")] ?? need("architecture");
  const where = ["--buildroot", root, "--target", `${architecture}-${values["rpm-os"] ?? "linux"}`];
  run(["rpmbuild", "-bb", "--noclean", ...defined, ...where, join(work, "package.spec")]);
  cpSync(join(work, "made/package.rpm"), need("package"));
}

/** Every file, and the folders that no other package has: those below /opt. Owned by root. */
function ownFiles(/** @type {string} */ root) {
  /** @type {string[]} */
  const lines = ["%defattr(-,root,root,-)"];
  /** @param {string} place */
  const walk = (place) => {
    for (const name of readdirSync(join(root, place))) {
      const path = `${place}/${name}`;
      if (lstatSync(join(root, path)).isDirectory()) {
        if (path.startsWith("/opt/")) lines.push(`%dir "${path}"`);
        walk(path);
      } else {
        lines.push(`"${path}"`);
      }
    }
  };
  walk("");
  return lines;
}

if (values["input-type"] !== "dir") throw new Error("only -s dir");
const work = mkdtempSync(join(tmpdir(), "eglantine-fpm-"));
try {
  values.package = resolve(need("package"));
  mkdirSync(dirname(values.package), { recursive: true });
  if (values["output-type"] === "deb") makeDeb(work);
  else if (values["output-type"] === "rpm") makeRpm(work);
  else throw new Error(`"${values["output-type"]}" is neither deb nor rpm`);
  if (statSync(values.package).size === 0) throw new Error(`${values.package} is empty`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
