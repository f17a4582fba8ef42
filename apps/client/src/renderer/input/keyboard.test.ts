import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Keyboard, type KeyInput, type KeyMessage, type KeyPlatform } from "./keyboard.ts";

const A: KeyInput = {
  code: "KeyA",
  key: "a",
  location: 0,
  repeat: false,
  metaKey: false,
  ctrlKey: false,
  altKey: false,
  shiftKey: false,
  altGraph: false,
  timeStamp: 0,
};
const META: KeyInput = { ...A, code: "MetaLeft", key: "Meta", location: 1, metaKey: true };
const CONTROL: KeyInput = { ...A, code: "ControlLeft", key: "Control", location: 1 };
const ALTGR: KeyInput = { ...A, code: "AltRight", key: "AltGraph", location: 2 };

function keyboard(platform: KeyPlatform = "other") {
  const sent: KeyMessage[] = [];
  const keys = new Keyboard(platform, (message) => sent.push(message));
  const log = () =>
    sent.map((message) => (message.type === "key" ? `${message.pressed ? "+" : "-"}${message.code}` : "0"));
  return { keys, sent, log };
}

it("sends a press and a release with code and keysym", () => {
  const { keys, sent } = keyboard();
  keys.down(A);
  keys.up(A);
  expect(sent).toEqual([
    { type: "key", pressed: true, code: 30, keysym: 0x61 },
    { type: "key", pressed: false, code: 30, keysym: 0x61 },
  ]);
});

it("sends nothing for repeats", () => {
  const { keys, log } = keyboard();
  keys.down(A);
  keys.down({ ...A, repeat: true });
  keys.down(A);
  expect(log()).toEqual(["+30"]);
});

it("releases the keysym that was pressed, though Shift came up in between", () => {
  const { keys, sent } = keyboard();
  keys.down({ ...A, key: "A" });
  keys.up(A);
  expect(sent[1]).toMatchObject({ pressed: false, keysym: 0x41 });
});

it("sends keys that have no code by their keysym", () => {
  const { keys, sent } = keyboard();
  keys.down({ ...A, code: "", key: "é" });
  expect(sent).toEqual([{ type: "key", pressed: true, code: 0, keysym: 0xe9 }]);
});

it("sends nothing for a key that has neither", () => {
  const { keys, sent } = keyboard();
  keys.down({ ...A, code: "", key: "Unidentified" });
  keys.up({ ...A, code: "", key: "Unidentified" });
  expect(sent).toEqual([]);
});

it("releases everything in one message, and only when something is down", () => {
  const { keys, log } = keyboard();
  keys.releaseAll();
  keys.down(A);
  keys.releaseAll();
  keys.releaseAll();
  keys.up(A);
  expect(log()).toEqual(["+30", "0"]);
});

describe("on macOS", () => {
  it("ends a key at once that was pressed with Command, whose end is never told", () => {
    const { keys, log } = keyboard("mac");
    keys.down(META);
    keys.down({ ...A, metaKey: true });
    keys.up({ ...META, metaKey: false });
    expect(log()).toEqual(["+125", "+30", "-30", "-125"]);
  });

  it("releases what was pressed before Command when Command comes up", () => {
    const { keys, log } = keyboard("mac");
    keys.down(A);
    keys.down(META);
    keys.up({ ...META, metaKey: false });
    expect(log()).toEqual(["+30", "+125", "-125", "-30"]);
  });

  it("taps CapsLock for each of its two events", () => {
    const { keys, log } = keyboard("mac");
    const caps = { ...A, code: "CapsLock", key: "CapsLock" };
    keys.down(caps);
    keys.up(caps);
    expect(log()).toEqual(["+58", "-58", "+58", "-58"]);
  });
});

describe("on Windows", () => {
  it("drops the Control that AltGr brings along", () => {
    const { keys, log } = keyboard("windows");
    keys.down(CONTROL);
    keys.down(ALTGR);
    keys.up(CONTROL);
    keys.up(ALTGR);
    expect(log()).toEqual(["+100", "-100"]);
  });

  it("keeps a Control that was pressed by itself, in front of the next key", () => {
    const { keys, log } = keyboard("windows");
    keys.down(CONTROL);
    expect(keys.heldBackMs).toBe(50);
    keys.down(A);
    expect(log()).toEqual(["+29", "+30"]);
  });

  it("keeps a Control that is older than an AltGr's would be", () => {
    const { keys, log } = keyboard("windows");
    keys.down(CONTROL);
    keys.down({ ...ALTGR, timeStamp: 400 });
    expect(log()).toEqual(["+29", "+100"]);
  });

  it("taps a Control that comes up at once", () => {
    const { keys, log } = keyboard("windows");
    keys.down(CONTROL);
    keys.up(CONTROL);
    expect(log()).toEqual(["+29", "-29"]);
  });
});

it("tells a dead key by its place, and by its accent where the layout is known", () => {
  const { keys, sent } = keyboard();
  const dead: KeyInput = { ...A, code: "Backquote", key: "Dead" };
  keys.down(dead);
  keys.up(dead);
  keys.setLayout(new Map([["Backquote", "^"]]));
  keys.down(dead);
  expect(sent.map((message) => message.type === "key" && [message.code, message.keysym])).toEqual([
    [41, 0],
    [41, 0],
    [41, 0xfe52],
  ]);
});

it("never leaves a key down: every press has its release, whatever the order of events", () => {
  const step = fc.record({
    what: fc.constantFrom("down", "up", "blur"),
    input: fc.record({
      code: fc.constantFrom("KeyA", "KeyB", "ControlLeft", "AltRight", "MetaLeft", "CapsLock", ""),
      key: fc.constantFrom("a", "b", "Control", "AltGraph", "Meta", "CapsLock", "Dead", "Unidentified"),
      location: fc.integer({ min: 0, max: 3 }),
      repeat: fc.boolean(),
      metaKey: fc.boolean(),
      ctrlKey: fc.boolean(),
      altKey: fc.boolean(),
      shiftKey: fc.boolean(),
      altGraph: fc.boolean(),
      timeStamp: fc.nat(1000),
    }),
  });
  fc.assert(
    fc.property(fc.array(step), fc.constantFrom<KeyPlatform>("mac", "windows", "other"), (steps, platform) => {
      const { keys, sent } = keyboard(platform);
      for (const { what, input } of steps) {
        if (what === "down") keys.down(input);
        else if (what === "up") keys.up(input);
        else keys.releaseAll();
      }
      keys.releaseAll();
      const down = new Map<string, number>();
      for (const message of sent) {
        if (message.type === "releaseAll") down.clear();
        else {
          const name = `${message.code}/${message.keysym}`;
          const count = (down.get(name) ?? 0) + (message.pressed ? 1 : -1);
          expect(count).toBeGreaterThanOrEqual(0);
          if (count === 0) down.delete(name);
          else down.set(name, count);
        }
      }
      expect(down.size).toBe(0);
    }),
  );
});

describe("as text", () => {
  const text = (input: Partial<KeyInput>) => {
    const { keys, sent } = keyboard();
    keys.setText(true);
    keys.down({ ...A, ...input });
    return sent.map((message) => message.type === "key" && [message.code, message.keysym]);
  };

  it("sends a character as what it is, and lets it go as that", () => {
    const { keys, sent } = keyboard();
    keys.setText(true);
    keys.down({ ...A, key: "ö", code: "Semicolon" });
    keys.setText(false);
    keys.up({ ...A, key: "Ö", code: "Semicolon" });
    expect(sent).toEqual([
      { type: "key", pressed: true, code: 0, keysym: 0xf6 },
      { type: "key", pressed: false, code: 0, keysym: 0xf6 },
    ]);
  });

  it("sends what is no character, and the keypad, by its place", () => {
    expect(text({ code: "Enter", key: "Enter" })).toEqual([[28, 0xff0d]]);
    expect(text({ code: "Numpad7", key: "7", location: 3 })).toEqual([[71, 0xffb7]]);
    expect(text({ code: "AudioVolumeUp", key: "AudioVolumeUp" })).toEqual([[115, 0x1008ff13]]);
  });

  it("sends what the user has moved to another place as what it is", () => {
    expect(text({ code: "CapsLock", key: "Escape" })).toEqual([[0, 0xff1b]]);
    expect(text({ code: "CapsLock", key: "Control", location: 1 })).toEqual([[0, 0xffe3]]);
    expect(text({ code: "ControlRight", key: "Control", location: 2 })).toEqual([[97, 0xffe4]]);
  });

  it("sends a shortcut as the Latin letter of the layout, and where it has none by its place", () => {
    expect(text({ code: "KeyQ", key: "a", ctrlKey: true })).toEqual([[0, 0x61]]);
    expect(text({ code: "KeyC", key: "с", ctrlKey: true })).toEqual([[46, 0x0100_0441]]);
    expect(text({ code: "KeyC", key: "C", ctrlKey: true })).toEqual([[0, 0x63]]);
    expect(text({ code: "KeyC", key: "C", ctrlKey: true, shiftKey: true })).toEqual([[0, 0x43]]);
    expect(text({ code: "KeyC", key: "c", ctrlKey: true, shiftKey: true })).toEqual([[0, 0x43]]);
  });

  it("takes a character of AltGr for text, though Windows says Ctrl and Alt", () => {
    expect(text({ code: "KeyQ", key: "@", ctrlKey: true, altKey: true, altGraph: true })).toEqual([[0, 0x40]]);
  });

  it("keeps AltGr and Caps Lock to itself", () => {
    expect(text(ALTGR)).toEqual([]);
    expect(text({ code: "CapsLock", key: "CapsLock" })).toEqual([]);
  });
});
