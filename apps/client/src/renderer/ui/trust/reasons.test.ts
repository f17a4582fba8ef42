import { expect, it } from "vitest";
import { SSH_REASONS } from "../../../main/ssh/failure.ts";
import { ADDRESS_REASONS } from "../../../shared/address.ts";
import { TRUST_REASONS } from "../../../shared/trust.ts";
import ssh from "../../messages/en/ssh.json" with { type: "json" };
import trust from "../../messages/en/trust.json" with { type: "json" };

// The other languages have what English has: `messages.test.ts`.
it.each([
  ["ssh", SSH_REASONS, ssh],
  ["trust", [...TRUST_REASONS, ...ADDRESS_REASONS], trust],
])("%s says what has happened for each reason, and what to do; for nothing else", (_area, reasons, messages) => {
  const keys = Object.keys(messages);
  for (const word of ["failed", "remedy"]) {
    const said = keys.filter((key) => key.startsWith(`${word}.`));
    expect(said.sort()).toEqual(reasons.map((reason) => `${word}.${reason}`).sort());
  }
});
