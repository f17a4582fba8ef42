// Check: our clock against another one: the viewer's, a server's that was named, Kubernetes' own. Credentials of a TURN server and TLS
// certificates hold for a time, and are refused by a clock that is wrong.

import { once } from "node:events";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { messageOf } from "../../errors.ts";
import type { Check, Finding } from "../types.ts";

export const clock: Check = {
  name: "clock",
  group: "machine",
  title: "Clock",
  doc: "Against the viewer's clock (in the client), the server that `--clock URL` names, or Kubernetes' API server.",
  limitMs: 8000,
  run: async (place, signal) => {
    if (place.clockUrl !== undefined) return judgeAnswer(place.clockUrl, await askClock(place.clockUrl, signal));
    if (place.aheadOfViewerMs !== undefined) return judgeClock("the viewer's clock", place.aheadOfViewerMs);
    if (place.runtime.name === "kubernetes") {
      return judgeAnswer("Kubernetes' API server", await askClock("https://kubernetes.default.svc/version", signal));
    }
    return {
      verdict: "skip",
      seen: `It is ${new Date().toISOString()} here, and there is nobody to ask`,
      means: "A clock that is wrong makes TURN servers refuse credentials that are right",
      fix: "eglantine-agent doctor --clock https://example.org (any server whose clock you believe)",
    };
  },
};

/** A difference that no network makes, and one that breaks credentials and certificates. */
const WARN_MS = 5000;
const FAIL_MS = 5 * 60_000;

export function judgeClock(other: string, aheadMs: number): Finding {
  const seconds = (Math.abs(aheadMs) / 1000).toFixed(1);
  const seen = `${seconds} s ${aheadMs < 0 ? "behind" : "ahead of"} ${other}`;
  const figures = { aheadMs: Math.round(aheadMs) };
  if (Math.abs(aheadMs) < WARN_MS) return { verdict: "pass", seen, means: "The clocks agree", figures };
  return {
    verdict: Math.abs(aheadMs) < FAIL_MS ? "warn" : "fail",
    seen,
    means: "One of the two clocks is wrong: TURN credentials and certificates are refused beyond minutes",
    fix: "set the host's clock: timedatectl set-ntp true (a container has no clock of its own)",
    figures,
  };
}

function judgeAnswer(url: string, answer: number | { readonly why: string }): Finding {
  if (typeof answer === "number") return judgeClock(url, answer);
  return { verdict: "skip", seen: `${url}: ${answer.why}`, means: "There was no clock to compare ours with" };
}

/** How far we are ahead, ms, by the middle of the question and the answer. HTTP tells whole seconds. */
async function askClock(url: string, signal: AbortSignal): Promise<number | { readonly why: string }> {
  // Whose certificate does not hold may have the better clock: nothing is believed of it but its time.
  const request = url.startsWith("https:")
    ? requestHttps(url, { method: "HEAD", signal, rejectUnauthorized: false, timeout: 5000 })
    : requestHttp(url, { method: "HEAD", signal, timeout: 5000 });
  const sentMs = Date.now();
  try {
    request.once("timeout", () => request.destroy(new Error("no answer within 5 s")));
    request.end();
    const [response] = (await once(request, "response")) as [{ headers: Record<string, string | undefined> }];
    const theirsMs = Date.parse(response.headers["date"] ?? "");
    if (Number.isNaN(theirsMs)) return { why: "it does not tell the time" };
    const oursMs = (sentMs + Date.now()) / 2;
    return oursMs - (theirsMs + 500);
  } catch (error) {
    signal.throwIfAborted();
    return { why: messageOf(error) };
  } finally {
    request.destroy();
  }
}
