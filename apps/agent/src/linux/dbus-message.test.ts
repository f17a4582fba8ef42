import fc from "fast-check";
import { expect, it } from "vitest";
import { DbusError, type DbusMessage, MessageStream, methodCall } from "./dbus-message.ts";
import { busPath } from "./dbus-monitor.ts";

const CALL = { serial: 7, destination: "org.a.B", path: "/org/a/B", interface: "org.a.B", member: "Say" };

function cut(bytes: Buffer, ...at: readonly number[]): DbusMessage[] {
  const messages: DbusMessage[] = [];
  const stream = new MessageStream((message) => messages.push(message));
  const ends = [...at, bytes.length].sort((one, other) => one - other);
  let from = 0;
  for (const end of ends) {
    stream.take(bytes.subarray(from, end));
    from = end;
  }
  return messages;
}

it("reads what it writes, however the bytes come", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.nat(0xffff_ffff))), fc.array(fc.nat(300)), (values, cuts) => {
      const bytes = Buffer.concat([methodCall({ ...CALL, values }), methodCall(CALL)]);
      const [first, second, ...more] = cut(bytes, ...cuts.map((at) => Math.min(at, bytes.length)));
      expect(more).toEqual([]);
      expect(first).toMatchObject({ type: 1, interface: "org.a.B", member: "Say" });
      expect(first?.signature).toBe(values.map((value) => (typeof value === "string" ? "s" : "u")).join(""));
      for (const value of values)
        expect(typeof value === "string" ? first?.body.text() : first?.body.u32()).toEqual(
          typeof value === "string" ? Buffer.from(value).toString() : value,
        );
      expect(second?.signature).toBe("");
    }),
  );
});

it("keeps the beginning of a message that is long, and reads the next one", () => {
  const long = methodCall({ ...CALL, values: ["first", "x".repeat(3_000_000)] });
  const [first, second] = cut(Buffer.concat([long, methodCall({ ...CALL, member: "Next" })]), 100, 70_000, 2_000_000);
  expect(first?.body.text()).toBe("first");
  expect(() => first?.body.text()).toThrow(DbusError);
  expect(second?.member).toBe("Next");
});

it("answers any bytes with messages or a DbusError", () => {
  const whole = methodCall({ ...CALL, values: ["a", 1] });
  const spoilt = fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, value]) => {
    const bytes = Buffer.from(whole);
    bytes[at] = value;
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(spoilt, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      try {
        for (const { body } of cut(Buffer.from(bytes))) body.text();
      } catch (error) {
        expect(error).toBeInstanceOf(DbusError);
      }
    }),
    { numRuns: 2000 },
  );
});

it("finds the socket of a bus in its address", () => {
  expect(busPath("unix:path=/run/user/1000/bus")).toBe("/run/user/1000/bus");
  expect(busPath("unix:abstract=/tmp/x;unix:guid=1,path=/tmp/a%20b:c")).toBe("/tmp/a b:c");
  for (const address of ["", "autolaunch:", "tcp:host=localhost,port=1", "unix:abstract=/tmp/x", "unix:path=%"])
    expect(busPath(address)).toBeUndefined();
});
