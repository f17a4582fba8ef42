import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { Notifications } from "./notifications.ts";

function desk() {
  const visible: { title: string; body: string; events: EventEmitter }[] = [];
  const focused: number[] = [];
  const notifications = new Notifications({
    create: ({ title, body }) => {
      const events = new EventEmitter();
      const one = { title, body, events };
      return {
        show: () => void visible.push(one),
        close: () => {
          if (!visible.includes(one)) return;
          visible.splice(visible.indexOf(one), 1);
          events.emit("close");
        },
        on: (name, listener) => events.on(name, listener),
      };
    },
    focusWindow: (window) => void focused.push(window),
  });
  return { notifications, focused, visible, titles: () => visible.map(({ title }) => title) };
}

it("shows what a program says, and leads to the window whose desktop said it", () => {
  const { notifications, visible, focused, titles } = desk();
  notifications.show({ program: "mail", title: "A letter", body: "from Ada" }, 4);
  notifications.show({ program: "mail", title: "", body: "no title" }, 5);
  expect(titles()).toEqual(["A letter", "mail"]);
  visible[0]?.events.emit("click");
  expect(focused).toEqual([4]);
  expect(titles()).toEqual(["mail"]);
});

it("puts one that says the same again in the place of the one before it, of the same desktop", () => {
  const { notifications, visible, titles } = desk();
  notifications.show({ program: "mail", title: "Letters", body: "1" }, 4);
  notifications.show({ program: "mail", title: "Letters", body: "2" }, 4);
  notifications.show({ program: "mail", title: "Letters", body: "other" }, 5);
  expect(visible.map(({ body }) => body)).toEqual(["2", "other"]);
  notifications.windowClosed(4);
  expect(titles()).toEqual(["Letters"]);
  expect(visible[0]?.body).toBe("other");
});

it("keeps no more than a few", () => {
  const { notifications, titles } = desk();
  for (let count = 0; count < 40; count++) notifications.show({ program: "p", title: `t${count}`, body: "" }, 1);
  expect(titles()).toEqual(Array.from({ length: 16 }, (_, index) => `t${index + 24}`));
});
