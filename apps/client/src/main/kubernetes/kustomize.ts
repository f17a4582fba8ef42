// As much of Kustomize as image/kubernetes uses: resources, components, JSON patches, ConfigMaps from files. The desktop application makes its
// desktops of those manifests by it (`plan.ts`), without a kubectl; the tests of image/kubernetes read every overlay by it and, where there
// is a kubectl, hold the two against each other (image/kubernetes.test.ts, image/test/operators.test.ts).

import { readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { parse, parseAllDocuments } from "yaml";

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** An object of Kubernetes. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

interface Patch {
  readonly target: { readonly kind: string; readonly name?: string };
  readonly patch: string;
}

interface Kustomization {
  readonly kind: "Kustomization" | "Component";
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly patches?: readonly Patch[];
  readonly configMapGenerator?: readonly { readonly name: string; readonly files: readonly string[] }[];
}

const KNOWN = ["apiVersion", "kind", "resources", "components", "patches", "configMapGenerator", "generatorOptions"];

/** All objects of a text. */
export function readObjects(text: string): Resource[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS() as Resource;
  });
}

export const readManifest = (file: string): Resource[] => readObjects(readFileSync(file, "utf8"));

/** In an order that two programs can be compared in. */
export const sorted = (resources: readonly Resource[]): Resource[] =>
  [...resources].sort((a, b) => `${a.kind}/${a.metadata.name}`.localeCompare(`${b.kind}/${b.metadata.name}`));

/** What `kubectl kustomize FOLDER` prints, in another order. Throws for a path that is not there and a patch that finds nothing. */
export function kustomize(folder: string): Resource[] {
  return applied(folder, "Kustomization", []);
}

/** These objects with what the components of these folders add and change, in their order. */
export const withComponents = (resources: readonly Resource[], folders: readonly string[]): Resource[] =>
  folders.reduce<Resource[]>((before, folder) => applied(folder, "Component", before), [...resources]);

/** `before`: what a component finds. */
function applied(folder: string, kind: Kustomization["kind"], before: readonly Resource[]): Resource[] {
  const file = join(folder, "kustomization.yaml");
  const kustomization = parse(readFileSync(file, "utf8")) as Kustomization;
  const unknown = Object.keys(kustomization).filter((field) => !KNOWN.includes(field));
  if (unknown.length > 0) throw new Error(`${file}: kustomize.ts knows no ${unknown.join(", ")}`);
  if (kustomization.kind !== kind) throw new Error(`${file} is no ${kind}`);
  let resources = [...before];
  for (const path of kustomization.resources ?? []) {
    const place = join(folder, path);
    resources.push(...(statSync(place).isDirectory() ? kustomize(place) : readManifest(place)));
  }
  for (const { name, files } of kustomization.configMapGenerator ?? []) {
    const data = Object.fromEntries(files.map((path) => [basename(path), readFileSync(join(folder, path), "utf8")]));
    resources.push({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data });
  }
  for (const component of kustomization.components ?? []) {
    resources = applied(join(folder, component), "Component", resources);
  }
  for (const { target, patch } of kustomization.patches ?? []) {
    const isMeant = ({ kind, metadata }: Resource) =>
      kind === target.kind && (target.name === undefined || metadata.name === target.name);
    if (!resources.some(isMeant)) throw new Error(`${file}: there is no ${target.kind} ${target.name ?? ""} to patch`);
    resources = resources.map((resource) => (isMeant(resource) ? patched(resource, parse(patch), file) : resource));
  }
  return resources;
}

interface Step {
  readonly op: string;
  readonly path: string;
  readonly value?: Json;
}

/** RFC 6902: add, remove and replace. */
function patched(resource: Resource, steps: readonly Step[], file: string): Resource {
  const copy = structuredClone(resource) as unknown as Json;
  for (const { op, path, value = null } of steps) {
    const names = path.split("/").slice(1);
    const keys = names.map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = keys.pop() ?? "";
    let place: Json | undefined = copy;
    for (const key of keys)
      place = Array.isArray(place) ? place[Number(key)] : (place as { [key: string]: Json })?.[key];
    if (typeof place !== "object" || place === null) throw new Error(`${file}: ${path} leads nowhere`);
    if (Array.isArray(place)) {
      if (op !== "add" || last !== "-") {
        if (place[Number(last)] === undefined || op !== "replace") throw new Error(`${file}: cannot ${op} ${path}`);
        place[Number(last)] = value;
      } else place.push(value);
    } else if (op === "add") place[last] = value;
    else if (place[last] === undefined) throw new Error(`${file}: there is no ${path} to ${op}`);
    else if (op === "remove") delete place[last];
    else if (op === "replace") place[last] = value;
    else throw new Error(`${file}: kustomize.ts knows no ${op}`);
  }
  return copy as unknown as Resource;
}
