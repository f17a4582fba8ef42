// What the user chooses of a desktop on Kubernetes. TABLE of fields → default, what it may hold, and the sentence of the catalogue where it holds
// something else (`kubernetes.wrong.WORD`). Filled in by `renderer/ui/kubernetes/desktop-form.tsx`, read by `main/kubernetes/read.ts`, made into
// objects by `main/kubernetes/plan.ts`.

type WrongWord = "name" | "image" | "gpu" | "object" | "host" | "range" | "memory";

interface Field<T> {
  readonly fallback: T;
  readonly isRight: (value: unknown) => boolean;
  readonly word: WrongWord;
  /** Of a whole number. */
  readonly range?: { readonly min: number; readonly max: number };
}

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const DNS_NAME = new RegExp(`^${LABEL}(\\.${LABEL})*$`);
const NAME_CHARS_MAX = 253;

function text(fallback: string, word: WrongWord, shape: RegExp, charsMax = NAME_CHARS_MAX): Field<string> {
  const isRight = (value: unknown) => typeof value === "string" && value.length <= charsMax && shape.test(value);
  return { fallback, word, isRight };
}

/** "" is none. */
function optional(field: Field<string>, fallback = ""): Field<string> {
  return { ...field, fallback, isRight: (value) => value === "" || field.isRight(value) };
}

function number(fallback: number, min: number, max: number): Field<number> {
  const isRight = (value: unknown) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
  return { fallback, word: "range", isRight, range: { min, max } };
}

export const KUBERNETES_FIELDS = {
  /** The desktop is `eglantine-NAME` in the cluster. With that before and "-home" behind it it is still a label. */
  name: text("desk", "name", new RegExp(`^${LABEL}$`), 40),
  /** With its tag. */
  image: text("eglantine:full", "image", /^[A-Za-z0-9][A-Za-z0-9._/:@-]*$/, 512),
  /** Name of the Secret with which a private registry is asked; "": the service account's, if it has one. */
  pullSecret: optional(text("", "object", DNS_NAME)),
  widthPx: number(1920, 320, 16_384),
  heightPx: number(1080, 200, 16_384),
  /** Extended resource, e.g. "nvidia.com/gpu"; "": software draws. */
  gpuResource: optional(text("", "gpu", /^[a-z0-9.-]+\/[A-Za-z0-9._-]+$/), "nvidia.com/gpu"),
  gpuCount: number(1, 1, 16),
  /** Number of the nodes' group `render`, for AMD and Intel. */
  renderGroup: number(109, 0, 4_294_967_294),
  /** What a node must have free for it; 0: as the image's manifests have it. */
  memoryRequestGibibytes: number(0, 0, 16_384),
  /** The most that it may use before it is ended; 0: as the image's manifests have it. */
  memoryLimitGibibytes: number(0, 0, 16_384),
  homeGibibytes: number(20, 1, 1_000_000),
  /** "": the cluster's default. */
  storageClass: optional(text("", "object", DNS_NAME)),
  /** Stopped after so many minutes without a viewer; 0: never. */
  idleMinutes: number(0, 0, 100_000),
  /** Name in the DNS by which an Ingress leads here; "": no Ingress, the port is forwarded. */
  ingressHost: optional(text("", "host", DNS_NAME)),
  /** "": the Ingress controller's own certificate. */
  ingressSecret: optional(text("", "object", DNS_NAME)),
  ingressClass: optional(text("", "object", DNS_NAME)),
} as const;

export type KubernetesField = keyof typeof KUBERNETES_FIELDS;
export type KubernetesChoice = {
  readonly [Name in KubernetesField]: (typeof KUBERNETES_FIELDS)[Name]["fallback"];
};

export interface KubernetesForm extends KubernetesChoice {
  readonly context: string;
  readonly namespace: string;
}

export const KUBERNETES_FIELD_NAMES = Object.keys(KUBERNETES_FIELDS) as KubernetesField[];

export const KUBERNETES_DEFAULTS = Object.fromEntries(
  KUBERNETES_FIELD_NAMES.map((name) => [name, KUBERNETES_FIELDS[name].fallback]),
) as KubernetesChoice;

interface Wrong {
  readonly word: WrongWord;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Undefined: this field holds what it may. */
export function whatIsWrong(values: KubernetesChoice, name: KubernetesField): Wrong | undefined {
  const { isRight, word, range }: Field<unknown> = KUBERNETES_FIELDS[name];
  if (!isRight(values[name])) {
    return { word, parameters: { min: String(range?.min ?? ""), max: String(range?.max ?? "") } };
  }
  const { memoryRequestGibibytes: least, memoryLimitGibibytes: most } = values;
  const isTooMuch = name === "memoryRequestGibibytes" && most > 0 && least > most;
  return isTooMuch ? { word: "memory", parameters: { limit: String(most) } } : undefined;
}

/** What AMD's and Intel's plug-ins need beside the device: the nodes' group `render`. */
export const needsRenderGroup = (resource: string): boolean => /^(amd\.com|gpu\.intel\.com)\//.test(resource);
