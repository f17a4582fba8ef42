import { describe, expect, it } from "vitest";
import { readPrompt } from "./prompt.ts";

// As OpenSSH 9.2 asks. The system test hears the first three from it; the others are its sources' words.
const HOST_KEY = `The authenticity of host '[127.0.0.1]:2222 ([127.0.0.1]:2222)' can't be established.
ED25519 key fingerprint is SHA256:GQ1qD/ZpH1bP0hYhZBrJzJ3cA0tY0v9zB7K3q+p0oXw.
This key is not known by any other names.
Are you sure you want to continue connecting (yes/no/[fingerprint])? `;

describe("what ssh asks", () => {
  it("is a host key, with its fingerprint", () => {
    expect(readPrompt(HOST_KEY, undefined, false)).toEqual({
      kind: "ssh-host-key",
      host: "[127.0.0.1]:2222 ([127.0.0.1]:2222)",
      keyType: "ED25519",
      fingerprint: "SHA256:GQ1qD/ZpH1bP0hYhZBrJzJ3cA0tY0v9zB7K3q+p0oXw",
    });
  });

  it.each([
    [
      "Enter passphrase for key '/home/ann/.ssh/id': ",
      { kind: "ssh-passphrase", key: "/home/ann/.ssh/id", again: false },
    ],
    ["ann@desk's password: ", { kind: "ssh-password", account: "ann@desk", again: false }],
    ["(ann@desk) Password: ", { kind: "ssh-password", account: "ann@desk", again: false }],
    ["(ann@desk) Verification code: ", { kind: "ssh-secret", prompt: "(ann@desk) Verification code:", again: false }],
    ["Enter PIN for 'token': ", { kind: "ssh-secret", prompt: "Enter PIN for 'token':", again: false }],
    ["Please type 'yes' or 'no' (yes/no)? ", { kind: "ssh-confirm", prompt: "Please type 'yes' or 'no' (yes/no)?" }],
  ])("is %j", (prompt, question) => {
    expect(readPrompt(prompt, undefined, false)).toEqual(question);
  });

  it("is what it says by SSH_ASKPASS_PROMPT", () => {
    expect(readPrompt("Allow use of key?", "confirm", false)).toEqual({
      kind: "ssh-confirm",
      prompt: "Allow use of key?",
    });
    expect(readPrompt("Confirm user presence for key", "none", false).kind).toBe("ssh-touch");
  });

  it("is shown without what could draw something else, and not endlessly", () => {
    expect(readPrompt("a\u202Eb\u001B[2J\u0007c: ", undefined, false)).toMatchObject({ prompt: "ab[2Jc:" });
    expect(readPrompt("x".repeat(9999), undefined, true)).toMatchObject({ prompt: "x".repeat(1000), again: true });
  });

  it("is no host key because a server's own words say so", () => {
    const fake = "(ann@desk) key fingerprint is SHA256:abc. Password: ";
    expect(readPrompt(fake, undefined, false).kind).toBe("ssh-secret");
  });
});
