import { describe, expect, it } from "vitest";
import { startPage } from "./start-page.ts";

describe("the application's first page", () => {
  it("is the connect page when nothing is named", () => {
    expect(startPage({})).toBe("app://eglantine/");
    expect(startPage({ EGLANTINE_CONNECT_URL: "" })).toBe("app://eglantine/");
  });

  it("connects to the desktop that is named, with user and password", () => {
    const page = new URL(
      startPage({
        EGLANTINE_CONNECT_URL: "http://127.0.0.1:8080/",
        EGLANTINE_CONNECT_USER: "user",
        EGLANTINE_CONNECT_PASSWORD: "p@ss/w%41 ö",
      }),
    );
    const agent = new URL(page.searchParams.get("url") ?? "");
    expect(agent.host).toBe("127.0.0.1:8080");
    expect(agent.username).toBe("user");
    expect(decodeURIComponent(agent.password)).toBe("p@ss/w%41 ö");
  });

  it("leaves what is no address to the page", () => {
    expect(new URL(startPage({ EGLANTINE_CONNECT_URL: "::" })).searchParams.get("url")).toBe("::");
  });
});
