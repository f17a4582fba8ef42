import { expect, it } from "vitest";
import { travelsInClear } from "./web-address.ts";

it.each([
  ["http://desk.example/", true],
  ["http://10.0.0.5:8080/", true],
  ["ws://10.0.0.5:8080/ws", true],
  ["http://localhost.example/", true],
  ["http://127.0.0.1.example/", true],
  ["https://desk.example/", false],
  ["http://localhost:8080/", false],
  ["http://desk.localhost/", false],
  ["http://127.9.9.9/", false],
  ["http://0x7f.1/", false],
  ["http://[::1]:8080/", false],
  ["app://eglantine/", false],
  ["no address", false],
])("says whether a password to %s could be read on the way: %s", (address, clear) => {
  expect(travelsInClear(address)).toBe(clear);
});
