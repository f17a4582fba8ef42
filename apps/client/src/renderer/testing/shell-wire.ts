// How calls and events travel between a page and `shell-channel.ts`: JSON, with bytes as base64. Electron's own carrier clones them.

export interface WireCall {
  readonly call: number;
  readonly name: string;
  readonly parameters: readonly unknown[];
}

export type WireAnswer =
  | { readonly call: number; readonly result: unknown }
  /** As Electron says it: the text alone. */
  | { readonly call: number; readonly error: string }
  | { readonly event: string; readonly payload: unknown };

const TAG = "$base64";

export function writeWire(value: WireAnswer): string {
  return JSON.stringify(value, (_key, entry: unknown) =>
    entry instanceof Uint8Array ? { [TAG]: Buffer.from(entry).toString("base64") } : entry,
  );
}

export function readWire(text: string): WireCall {
  return JSON.parse(text, (_key, entry: unknown) => {
    const base64: unknown = typeof entry === "object" && entry !== null ? Reflect.get(entry, TAG) : undefined;
    return typeof base64 === "string" ? new Uint8Array(Buffer.from(base64, "base64")) : entry;
  }) as WireCall;
}

/** Runs in the page before the client: what the preload would put there. Nothing of this file is there. */
export function pageBridge({
  names,
  events,
  platform,
}: {
  names: readonly string[];
  events: readonly string[];
  platform: string;
}): void {
  // A frame in the page has none, as in the application.
  if (window !== window.top || !location.protocol.startsWith("http")) return;
  const socket = new WebSocket(new URL("/bridge", location.href.replace(/^http/, "ws")));
  const opened = new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("close", () => reject(new Error("the shell is gone")));
  });
  // Whoever calls hears it.
  opened.catch(() => undefined);
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const listeners = new Map<string, Set<(payload: unknown) => void>>();
  let calls = 0;
  const write = (_key: string, entry: unknown) => {
    if (!(entry instanceof Uint8Array)) return entry;
    let text = "";
    for (const byte of entry) text += String.fromCharCode(byte);
    return { $base64: btoa(text) };
  };
  const read = (_key: string, entry: unknown) => {
    const base64: unknown = typeof entry === "object" && entry !== null ? Reflect.get(entry, "$base64") : undefined;
    return typeof base64 === "string" ? Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)) : entry;
  };
  socket.addEventListener("message", ({ data }: MessageEvent<string>) => {
    const message = JSON.parse(data, read) as {
      call: number;
      result?: unknown;
      error?: string;
      event?: string;
      payload?: unknown;
    };
    if (message.event === "paste") window.dispatchEvent(new ClipboardEvent("paste", { cancelable: true }));
    if (message.event !== undefined) {
      for (const listener of listeners.get(message.event) ?? []) listener(message.payload);
      return;
    }
    const call = waiting.get(message.call);
    waiting.delete(message.call);
    if (message.error === undefined) call?.resolve(message.result);
    else call?.reject(new Error(message.error));
  });
  socket.addEventListener("close", () => {
    for (const call of waiting.values()) call.reject(new Error("the shell is gone"));
    waiting.clear();
  });
  const ask = async (name: string, parameters: readonly unknown[]): Promise<unknown> => {
    await opened;
    const call = ++calls;
    return new Promise((resolve, reject) => {
      waiting.set(call, { resolve, reject });
      socket.send(JSON.stringify({ call, name, parameters }, write));
    });
  };
  const on = (name: string, listener: (payload: unknown) => void) => {
    if (!events.includes(name)) throw new TypeError(`no event ${name}`);
    const heard = listeners.get(name) ?? new Set();
    listeners.set(name, heard.add(listener));
    return () => void heard.delete(listener);
  };
  const functions = names.map((name) => [name, (...parameters: readonly unknown[]) => ask(name, parameters)]);
  Object.defineProperty(window, "eglantine", {
    value: Object.freeze({ platform, on, ...Object.fromEntries(functions) }),
  });
}
