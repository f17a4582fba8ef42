// The connection to a real Xvnc that goes away.

import type { Geometry } from "x11";
import { afterEach, expect, test } from "vitest";
import { createLog } from "../log.ts";
import { startXvnc, type XServer } from "../testing/xvnc.ts";
import { type XConnection, XServerLink } from "./client.ts";

let server: XServer;
let link: XServerLink;
afterEach(async () => {
  await link.close();
  await server.close();
});

test("what is asked on a lost connection is refused at once, as is what was asked before", async () => {
  server = await startXvnc("", "640x480");
  const connections: XConnection[] = [];
  let down = false;
  link = new XServerLink({
    display: server.display,
    xauthority: "/nonexistent",
    log: createLog("silent"),
    listener: {
      onUp: async (connection) => void connections.push(connection),
      onDown: () => {
        down = true;
      },
    },
  });
  await link.start();
  const connection = connections[0];
  if (connection === undefined) throw new Error("no connection");
  const size = () => connection.ask<Geometry>((callback) => connection.client.GetGeometry(connection.root, callback));
  expect(await size()).toMatchObject({ width: 640, height: 480 });
  const never = connection.ask(() => undefined).catch(String);
  await server.kill();
  await expect.poll(() => down).toBe(true);
  expect(await never).toMatch(/X server/);
  await expect(size()).rejects.toThrow(/X server/);
});
