// Which devices the X server reads, by name (XInput 2): whether it has found the tablet that the agent made. Asked by `desktop.ts`.

import type { InputDevice, XInput } from "x11";
import type { XConnection } from "./client.ts";

/** XI2: XIAllDevices. */
const ALL_DEVICES = 0;

/** False too where the server has no XInput. */
export async function readsDevice(connection: XConnection, name: string): Promise<boolean> {
  const input = await connection.extension<XInput>("xinput").catch(() => undefined);
  if (input === undefined) return false;
  const devices = await connection.ask<readonly InputDevice[]>((callback) =>
    input.XIQueryDevice(ALL_DEVICES, callback),
  );
  return devices.some((device) => device.name.startsWith(name));
}
