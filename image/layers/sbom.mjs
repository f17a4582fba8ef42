// The image's bill of materials, CycloneDX: Debian's packages as dpkg has them, and npm's in the agent's bundle as pnpm lists them (the file
// named as argument). Run by image/Dockerfile in each target; writes /usr/share/doc/eglantine/sbom.cdx.json.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const FILE = "/usr/share/doc/eglantine/sbom.cdx.json";

const osRelease = readFileSync("/etc/os-release", "utf8");
/** @param {string} name of a field of os-release */
const release = (name) => new RegExp(`^${name}="?(.*?)"?$`, "m").exec(osRelease)?.[1] ?? "";

const FIELDS = [
  "${Package}",
  "${Version}",
  "${Architecture}",
  "${source:Package}",
  "${source:Version}",
  "${Maintainer}",
];
const debian = execFileSync("dpkg-query", ["--show", `--showformat=${FIELDS.join("\\t")}\\n`], { encoding: "utf8" })
  .trimEnd()
  .split("\n")
  .map((line) => {
    const [name = "", version = "", architecture, source, sourceVersion, maintainer] = line.split("\t");
    const qualifiers = `arch=${architecture}&distro=${release("ID")}-${release("VERSION_ID")}`;
    const purl = `pkg:deb/${release("ID")}/${encodeURIComponent(name)}@${encodeURIComponent(version)}?${qualifiers}`;
    return {
      type: "library",
      "bom-ref": purl,
      supplier: { name: maintainer },
      name,
      version,
      purl,
      properties: [{ name: "eglantine:source-package", value: `${source} ${sourceVersion}` }],
    };
  });
const npm = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));

const bill = {
  $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  version: 1,
  metadata: {
    component: {
      type: "container",
      "bom-ref": "eglantine",
      name: "eglantine",
      version: npm.metadata?.component?.version,
    },
  },
  components: [
    {
      type: "operating-system",
      "bom-ref": "operating-system",
      name: release("ID"),
      version: release("VERSION_ID"),
      description: release("PRETTY_NAME"),
    },
    {
      type: "application",
      "bom-ref": `pkg:npm/node@${process.versions.node}`,
      name: "node",
      version: process.versions.node,
      purl: `pkg:npm/node@${process.versions.node}`,
    },
    ...npm.components,
    ...debian,
  ],
  dependencies: npm.dependencies,
};
mkdirSync(dirname(FILE), { recursive: true });
writeFileSync(FILE, `${JSON.stringify(bill, undefined, 1)}\n`);
const epochSeconds = Number(process.env.SOURCE_DATE_EPOCH ?? 0);
utimesSync(FILE, epochSeconds, epochSeconds);
