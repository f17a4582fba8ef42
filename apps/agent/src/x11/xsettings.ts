// Tells GTK's and Qt 6's programs, those that run too, of a new scale, by the XSETTINGS protocol (freedesktop.org, version 0.5). A desktop
// that has a settings daemon of its own keeps it: then nothing is done here. Used by `scale.ts`.

import type { XConnection } from "./client.ts";

const SELECTION = "_XSETTINGS_S0";
const PROPERTY = "_XSETTINGS_SETTINGS";
const REPLACE = 0;
const STRUCTURE_NOTIFY = 0x2_0000;
const CURRENT_TIME = 0;
const LITTLE_ENDIAN = 0;
const TYPE_INTEGER = 0;
/** Dots an inch are told in 1/1024. */
const DPI_UNITS = 1024;
const USUAL_DPI = 96;
const USUAL_CURSOR_PX = 24;

/** How wide the usual cursor is. */
export function cursorPx(dpi: number): number {
  return Math.round((USUAL_CURSOR_PX * dpi) / USUAL_DPI);
}

/** As GNOME's settings daemon says it: GTK draws in whole multiples, and its text makes up for the rest. */
export function settingsOf(dpi: number): Readonly<Record<string, number>> {
  const factor = Math.max(1, Math.floor(dpi / USUAL_DPI));
  return {
    "Xft/DPI": dpi * DPI_UNITS,
    "Gdk/UnscaledDPI": Math.round((dpi * DPI_UNITS) / factor),
    "Gdk/WindowScalingFactor": factor,
    "Gtk/CursorThemeSize": cursorPx(dpi),
  };
}

/** The property's bytes. */
export function encodeSettings(settings: Readonly<Record<string, number>>, serial: number): Buffer {
  const entries = Object.entries(settings).map(([name, value]) => {
    const nameBytes = Math.ceil(name.length / 4) * 4;
    const entry = Buffer.alloc(4 + nameBytes + 8);
    entry.writeUInt8(TYPE_INTEGER, 0);
    entry.writeUInt16LE(name.length, 2);
    entry.write(name, 4, "latin1");
    entry.writeUInt32LE(serial, 4 + nameBytes);
    entry.writeInt32LE(value, 8 + nameBytes);
    return entry;
  });
  const head = Buffer.alloc(12);
  head.writeUInt8(LITTLE_ENDIAN, 0);
  head.writeUInt32LE(serial, 4);
  head.writeUInt32LE(entries.length, 8);
  return Buffer.concat([head, ...entries]);
}

/** On one connection. */
export class XSettings {
  readonly #connection: XConnection;
  #window: number | undefined;
  #serial = 0;

  constructor(connection: XConnection) {
    this.#connection = connection;
    connection.onEvent((event) => {
      if (event.name === "SelectionClear" && event["owner"] === this.#window) this.#window = undefined;
    });
  }

  async tell(dpi: number): Promise<void> {
    const { client } = this.#connection;
    const property = await this.#connection.atom(PROPERTY);
    const isNew = this.#window === undefined;
    const window = this.#window ?? (await this.#makeWindow());
    if (window === undefined) return;
    this.#serial += 1;
    client.ChangeProperty(REPLACE, window, property, property, 8, encodeSettings(settingsOf(dpi), this.#serial));
    if (isNew) await this.#own(window);
    client.pack_stream.flush();
  }

  /** Undefined: another program's settings are in force. */
  async #makeWindow(): Promise<number | undefined> {
    const { client, root } = this.#connection;
    if ((await this.#owner()) !== 0) return undefined;
    const window = client.AllocID();
    client.CreateWindow(window, root, -1, -1, 1, 1, 0, 0, 0, 0, { overrideRedirect: true });
    return window;
  }

  async #owner(): Promise<number> {
    const selection = await this.#connection.atom(SELECTION);
    return this.#connection.ask<number>((callback) => this.#connection.client.GetSelectionOwner(selection, callback));
  }

  /** Programs that run hear that there is somebody now. */
  async #own(window: number): Promise<void> {
    const { client, root } = this.#connection;
    const [selection, manager] = await Promise.all([SELECTION, "MANAGER"].map((name) => this.#connection.atom(name)));
    if (selection === undefined || manager === undefined) return;
    client.SetSelectionOwner(window, selection, CURRENT_TIME);
    this.#window = window;
    const data = [CURRENT_TIME, selection, window, 0, 0];
    client.SendEvent(root, 0, STRUCTURE_NOTIFY, {
      name: "ClientMessage",
      seq: 0,
      format: 32,
      wid: root,
      type: manager,
      message_type: manager,
      data,
    });
  }
}
