import fc from "fast-check";
import { expect, it } from "vitest";
import { ownAddress, parseAgentAddress } from "./agent-url.ts";

it("finds the WebSockets beside the page, below any path", () => {
  expect(parseAgentAddress("https://host.example/a/b")).toEqual({
    pageUrl: "https://host.example/a/b/",
    socketUrl: "wss://host.example/a/b/ws",
    vncUrl: "wss://host.example/a/b/vnc",
  });
  expect(parseAgentAddress("http://10.0.0.5:8080/")).toMatchObject({ socketUrl: "ws://10.0.0.5:8080/ws" });
});

it("takes http for this machine and https for others when nothing is said", () => {
  expect(parseAgentAddress("localhost:8080")?.pageUrl).toBe("http://localhost:8080/");
  expect(parseAgentAddress("127.0.0.1:8080")?.pageUrl).toBe("http://127.0.0.1:8080/");
  expect(parseAgentAddress("[::1]:8080")?.pageUrl).toBe("http://[::1]:8080/");
  expect(parseAgentAddress("desk.example:8080")?.pageUrl).toBe("https://desk.example:8080/");
  expect(parseAgentAddress("localhost.example")?.pageUrl).toBe("https://localhost.example/");
});

it("takes a name and a password out of the address", () => {
  const address = parseAgentAddress("https://ann:p%40ss@host.example/?x=1#y");
  expect(address).toEqual({
    pageUrl: "https://host.example/",
    socketUrl: "wss://host.example/ws",
    vncUrl: "wss://host.example/vnc",
    user: "ann",
    password: "p@ss",
  });
});

it("knows no address in anything else", () => {
  for (const text of ["", "  ", "ftp://host", "http://", "javascript://x", "http://a b"]) {
    expect(parseAgentAddress(text)).toBeUndefined();
  }
});

it("takes none that is too long for the shell to be asked about, however it is written", () => {
  expect(parseAgentAddress(`https://host/${"a".repeat(2034)}/`)?.pageUrl).toHaveLength(2048);
  expect(parseAgentAddress(`https://host/${"a".repeat(2035)}/`)).toBeUndefined();
  expect(parseAgentAddress(`https://host/${"ü".repeat(400)}/`)).toBeUndefined();
});

it("finds the agent that served the page, whatever follows the path", () => {
  expect(ownAddress("http://h:1/desk/index.html?stats=true")?.socketUrl).toBe("ws://h:1/desk/ws");
  expect(ownAddress("app://eglantine/")).toBeUndefined();
});

it("keeps a name that is not percent-encoded as it stands", () => {
  expect(parseAgentAddress("http://100%@host.example/")?.user).toBe("100%");
});

it("throws for nothing that a user can type", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      parseAgentAddress(text);
      parseAgentAddress(`http://${text}@host/`);
    }),
  );
});

it("reads every web address", () => {
  fc.assert(
    fc.property(fc.webUrl(), (text) => {
      expect(parseAgentAddress(text)).toBeDefined();
    }),
  );
});
