import { LIMITS } from "@eglantine/protocol/limits";
import { parseAgentControl } from "@eglantine/protocol/control";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type DbusMessage, MessageStream, methodCall } from "../linux/dbus-message.ts";
import { type Notification, readNotify } from "./notification.ts";

const NOTIFY = {
  serial: 1,
  destination: "org.freedesktop.Notifications",
  path: "/org/freedesktop/Notifications",
  interface: "org.freedesktop.Notifications",
  member: "Notify",
};

function read(
  program: string,
  title: string,
  body: string,
  names: Partial<typeof NOTIFY> = {},
): Notification | undefined {
  const messages: DbusMessage[] = [];
  const stream = new MessageStream((message) => messages.push(message));
  stream.take(methodCall({ ...NOTIFY, ...names, values: [program, 0, "icon", title, body] }));
  return messages[0] && readNotify(messages[0]);
}

it("reads program, title and text", () => {
  expect(read("mail", "Two letters", "from Ada\nand Grace")).toEqual({
    program: "mail",
    title: "Two letters",
    body: "from Ada\nand Grace",
  });
});

it("takes markup out of the text, and leaves what only looks like it", () => {
  const body =
    'a <b>bold</b> <a href="http://x/?a=1&amp;b">link</a><img src="x" alt="y"/> 1 &lt; 2, x <y> &amp;lt; &copy;';
  expect(read("", "<b>title</b>", body)).toEqual({
    program: "",
    title: "<b>title</b>",
    body: "a bold link 1 < 2, x <y> &lt; &copy;",
  });
});

it("shows no controls, and nothing that turns the direction of text", () => {
  expect(read("p\0\u001b[31m", "a\u202egnp.exe\nb\tc", "\u2066x\u2069\r\n\u0007y")).toEqual({
    program: "p [31m",
    title: "a gnp.exe b c",
    body: "x  \n y",
  });
});

it("cuts what is long, between characters", () => {
  const seen = read("p".repeat(500), "😀".repeat(300), "b".repeat(5000));
  expect(seen?.program).toBe(`${"p".repeat(LIMITS.notificationTitleChars - 1)}…`);
  expect(seen?.title).toBe(`${"😀".repeat(LIMITS.notificationTitleChars / 2 - 1)}…`);
  expect(seen?.body).toHaveLength(LIMITS.notificationBodyChars);
});

it("passes over what says nothing, is too long to be kept, or is something else", () => {
  expect(read("mail", " ", "<b></b>")).toBeUndefined();
  expect(read("mail", "t".repeat(100_000), "body")).toBeUndefined();
  expect(read("mail", "title", "body", { member: "CloseNotification" })).toBeUndefined();
  expect(read("mail", "title", "body", { interface: "org.a.B" })).toBeUndefined();
});

it("makes a message that every viewer takes of any texts", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary", maxLength: 3000 }), (title, body) => {
      const seen = read(title, title, body);
      if (seen === undefined) return;
      const message = { type: "notification", ...seen };
      expect(parseAgentControl(JSON.stringify(message))).toEqual(message);
    }),
  );
});
