// What of the clipboard one viewer may put into the desktop and take out of it. Pure. Worked out from the options by `clipboard.ts`, told
// in the agent's `hello`, and held to on the RFB path too (`server/vnc-proxy.ts`).

export const CLIPBOARD_WAYS = ["both", "in", "out", "off"] as const;
export const PRIMARY_WAYS = ["off", "in", "both"] as const;

export interface ClipboardOptions {
  /** `in`: to the desktop. */
  readonly ways: (typeof CLIPBOARD_WAYS)[number];
  /** Those who may only watch get what is copied on the desktop. */
  readonly watchers: boolean;
  readonly inMaxBytes: number;
  readonly outMaxBytes: number;
  /** PRIMARY, the selection of the middle button. `in`: a viewer's clipboard becomes that too. `both`: what is selected goes out too. */
  readonly primary: (typeof PRIMARY_WAYS)[number];
}

export interface ClipboardPolicy {
  readonly in: boolean;
  readonly out: boolean;
  readonly inMaxBytes: number;
  readonly outMaxBytes: number;
  readonly primary: boolean;
}

/** Of a viewer that knows nothing of it. */
export const NO_CLIPBOARD: ClipboardPolicy = { in: false, out: false, inMaxBytes: 0, outMaxBytes: 0, primary: false };

export function policyOf(options: ClipboardOptions, viewOnly: boolean): ClipboardPolicy {
  const { ways, watchers, inMaxBytes, outMaxBytes, primary } = options;
  return {
    in: (ways === "both" || ways === "in") && !viewOnly,
    out: (ways === "both" || ways === "out") && (!viewOnly || watchers),
    inMaxBytes,
    outMaxBytes,
    primary: primary !== "off",
  };
}

export const megabytes = (bytes: number): string => `${Math.round(bytes / 1e5) / 10} MB`;
