// What the user chooses of a desktop that the launcher is to make. TABLE of fields → type, defaults and a reader that takes anything. Filled in by
// `renderer/ui/launcher`, sent by `launcher.ts`'s calls, made into a container by `main/launcher/plan.ts`. What the readers let through needs no
// quoting beyond double quotes in any shell, and none in YAML.

export const GPU_WAYS = ["nvidia", "cdi", "dri", "wsl", "none"] as const;
/** How a container gets a GPU: NVIDIA's runtime, a CDI device, /dev/dri, WSL's Direct3D, or none: software draws. */
export type GpuWay = (typeof GPU_WAYS)[number];

/** Who may connect: this computer (or who is let in by SSH) alone, or whoever reaches the engine's machine. */
export const REACHES = ["loopback", "network"] as const;

interface Field<T> {
  readonly doc: string;
  readonly fallback: T;
  /** Undefined: no such value. */
  readonly read: (value: unknown) => T | undefined;
}

function text(doc: string, fallback: string, shape: RegExp): Field<string> {
  return { doc, fallback, read: (value) => (typeof value === "string" && shape.test(value) ? value : undefined) };
}

function number(doc: string, fallback: number, min: number, max: number, whole = true): Field<number> {
  const fits = (value: unknown): value is number =>
    typeof value === "number" && value >= min && value <= max && (!whole || Number.isInteger(value));
  return { doc, fallback, read: (value) => (fits(value) ? value : undefined) };
}

function flag(doc: string, fallback: boolean): Field<boolean> {
  return { doc, fallback, read: (value) => (typeof value === "boolean" ? value : undefined) };
}

function choice<const T extends string>(doc: string, fallback: NoInfer<T>, options: readonly T[]): Field<T> {
  return { doc, fallback, read: (value) => options.find((option) => option === value) };
}

/** The most characters of a name: what a host name may have. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/;

export const LAUNCH_FORM = {
  engine: text("Address of the engine, as `Engine.address` of launcher.ts.", "", /^[^\s"'`$\\]{1,500}$/),
  name: text("Of the container.", "eglantine", NAME),
  image: text("Image and tag.", "eglantine:full", /^[a-zA-Z0-9][\w.:/@-]{0,254}$/),
  refresh: flag("Asks the registry for a newer image even where one is there.", false),
  widthPx: number("The desktop's size at first; it follows the window.", 1920, 320, 7680),
  heightPx: number("The desktop's size at first; it follows the window.", 1080, 200, 4320),
  gpu: choice("How the desktop gets a GPU.", "none", GPU_WAYS),
  gpuDevice: text("Which of several: NVIDIA's index or UUID, CDI's name, or all.", "all", /^[\w.:-]{1,100}$/),
  home: text(
    "Volume that keeps the home; empty: it goes with the container.",
    "eglantine-home",
    /^$|^[a-zA-Z0-9][\w.-]{1,62}$/,
  ),
  port: number("TCP and UDP, outside as inside.", 8080, 1024, 65535),
  reach: choice("Who may connect.", "loopback", REACHES),
  publicAddress: text(
    "Of the engine's machine as viewers reach it, for reach network: IPv4 or IPv6.",
    "",
    /^[0-9a-fA-F:.]{0,45}$/,
  ),
  password: text("The viewers'.", "", /^[\x20-\x7e]{8,128}$/),
  memoryGib: number("The most memory it may have; 0: all.", 0, 0, 4096, false),
  cpus: number("The most processors it may use; 0: all.", 0, 0, 1024, false),
  restart: flag("Starts again with the engine.", false),
  timeZone: text("As in TZ; empty: UTC.", "", /^[\w+/-]{0,64}$/),
  language: text("As in LANG; empty: English.", "", /^$|^[a-z]{2,3}_[A-Z]{2}\.UTF-8$/),
} as const;

export type FormField = keyof typeof LAUNCH_FORM;
export type LaunchForm = {
  readonly [Name in FormField]: NonNullable<ReturnType<(typeof LAUNCH_FORM)[Name]["read"]>>;
};

/** The form, or the first field that is none. */
export function readLaunchForm(value: unknown): { readonly form: LaunchForm } | { readonly wrong: FormField } {
  const source = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  const form: Record<string, unknown> = {};
  for (const name of Object.keys(LAUNCH_FORM) as FormField[]) {
    const read = LAUNCH_FORM[name].read(source[name]);
    if (read === undefined) return { wrong: name };
    form[name] = read;
  }
  return { form: form as LaunchForm };
}

/** Whether a field's value is one, for the page to say so beside it. */
export function isFieldRight(name: FormField, value: unknown): boolean {
  return LAUNCH_FORM[name].read(value) !== undefined;
}

/** What a form has before anything is chosen. */
export function emptyForm(): LaunchForm {
  const entries = Object.entries(LAUNCH_FORM).map(([name, { fallback }]) => [name, fallback]);
  return Object.fromEntries(entries) as LaunchForm;
}
