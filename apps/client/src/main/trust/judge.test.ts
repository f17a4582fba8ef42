import { describe, expect, it } from "vitest";
import { endpointOf } from "./certificate.ts";
import { judge } from "./judge.ts";

const pin = { fingerprint: "SHA256:old", firstSeenMs: 1, lastSeenMs: 2 };

describe("a certificate", () => {
  it("that the system trusts is trusted, whatever was kept", () => {
    expect(judge(undefined, "SHA256:new", undefined)).toEqual({ standing: "trusted" });
    expect(judge(undefined, "SHA256:new", pin)).toEqual({ standing: "trusted" });
  });

  it.each([
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "authority"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "authority"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "name"],
    ["CERT_HAS_EXPIRED", "date"],
    ["CERT_NOT_YET_VALID", "date"],
    ["net::ERR_CERT_AUTHORITY_INVALID", "authority"],
    ["net::ERR_CERT_COMMON_NAME_INVALID", "name"],
    ["net::ERR_CERT_DATE_INVALID", "date"],
  ])("with %s is the user's to judge, once", (error, problem) => {
    expect(judge(error, "SHA256:new", undefined)).toEqual({ standing: "unknown", problems: [problem] });
    expect(judge(error, "SHA256:old", pin)).toEqual({ standing: "pinned" });
    expect(judge(error, "SHA256:new", pin)).toEqual({ standing: "changed", problems: [problem], pin });
  });

  it.each(["CERT_REVOKED", "CERT_SIGNATURE_FAILURE", "net::ERR_CERT_REVOKED", "net::ERR_CERT_WEAK_KEY", "anything"])(
    "with %s is refused, even with the key that was kept",
    (error) => {
      expect(judge(error, "SHA256:old", pin)).toEqual({ standing: "refused", error });
    },
  );
});

it.each([
  ["https://desk.example/a", "desk.example:443", "desk.example"],
  ["wss://desk.example:8443/ws", "desk.example:8443", "desk.example"],
  ["http://10.0.0.5", "10.0.0.5:80", "10.0.0.5"],
  ["https://[::1]:8443/", "[::1]:8443", "::1"],
])("%s is kept under %s", (url, endpoint, hostname) => {
  expect(endpointOf(url)).toMatchObject({ endpoint, hostname });
});

it("keeps nothing for what is no server", () => {
  for (const url of ["app://eglantine/", "file:///etc", "nonsense", ""]) expect(endpointOf(url)).toBeUndefined();
});
