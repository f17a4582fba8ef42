// Asks a real session bus, on which a program of the test's own plays the desktop that has a tray, or none.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterEach, expect, it } from "vitest";
import { hasTrayHost } from "./tray-host.ts";

const WATCHER = `
import sys, dbus, dbus.service
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib
DBusGMainLoop(set_as_default=True)
bus = dbus.SessionBus()
class Watcher(dbus.service.Object):
    @dbus.service.method("org.freedesktop.DBus.Properties", in_signature="ss", out_signature="v")
    def Get(self, interface, name):
        assert (interface, name) == ("org.kde.StatusNotifierWatcher", "IsStatusNotifierHostRegistered")
        return dbus.Boolean(sys.argv[1] == "host")
name = dbus.service.BusName("org.kde.StatusNotifierWatcher", bus)
Watcher(bus, "/StatusNotifierWatcher")
print("ready", flush=True)
GLib.MainLoop().run()
`;

const before = process.env["DBUS_SESSION_BUS_ADDRESS"];
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0).reverse()) {
    const gone = once(child, "exit");
    child.kill();
    await gone;
  }
  if (before === undefined) delete process.env["DBUS_SESSION_BUS_ADDRESS"];
  else process.env["DBUS_SESSION_BUS_ADDRESS"] = before;
});

/** Resolves with its first line. */
async function start(file: string, words: readonly string[]): Promise<string> {
  const child = spawn(file, words, { stdio: ["ignore", "pipe", "ignore"] });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error(`${file} said nothing`);
}

async function startBus(): Promise<void> {
  process.env["DBUS_SESSION_BUS_ADDRESS"] = await start("dbus-daemon", ["--session", "--nofork", "--print-address"]);
}

it("finds the tray of a desktop that shows icons", async () => {
  await startBus();
  await start("/usr/bin/python3", ["-c", WATCHER, "host"]);
  expect(await hasTrayHost("linux")).toBe(true);
});

it("finds none where icons are gathered and nobody shows them, nor on a bus without, nor without a bus", async () => {
  await startBus();
  await start("/usr/bin/python3", ["-c", WATCHER, "no host"]);
  expect(await hasTrayHost("linux")).toBe(false);
  process.env["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nonexistent/bus";
  expect(await hasTrayHost("linux")).toBe(false);
});

it("takes a tray for granted on Windows and macOS", async () => {
  expect(await hasTrayHost("win32")).toBe(true);
  expect(await hasTrayHost("darwin")).toBe(true);
  expect(await hasTrayHost("freebsd")).toBe(false);
});
