// What the shell has to ask its user before it goes on: whether a server is to be trusted, and what `ssh` wants to know. TABLES of calls and
// events, joined by `bridge.ts`. Asked by `main/questions.ts`, shown by `ui/trust/`; every kind is said in words of the area `trust`.

import { bareCall, call, event } from "./bridge-call.ts";

/** What speaks against a certificate, beside that nobody known signed it. */
export type CertificateProblem = "authority" | "name" | "date";

export interface ShownCertificate {
  /** `host:port` */
  readonly endpoint: string;
  /** Of its public key: `SHA256:` and Base64, as ssh writes those of host keys. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly issuer: string;
  readonly validFromMs: number;
  readonly validToMs: number;
  readonly problems: readonly CertificateProblem[];
}

export type Question =
  | { readonly kind: "certificate-unknown"; readonly certificate: ShownCertificate }
  | {
      readonly kind: "certificate-changed";
      readonly certificate: ShownCertificate;
      readonly knownFingerprint: string;
      readonly knownSinceMs: number;
    }
  /** Password and picture would travel in clear. */
  | { readonly kind: "clear-text"; readonly endpoint: string }
  | { readonly kind: "ssh-host-key"; readonly host: string; readonly keyType: string; readonly fingerprint: string }
  | { readonly kind: "ssh-passphrase"; readonly key: string; readonly again: boolean }
  | { readonly kind: "ssh-password"; readonly account: string; readonly again: boolean }
  /** Something else that `ssh` wants to be told, or confirmed, in its own words. */
  | { readonly kind: "ssh-secret"; readonly prompt: string; readonly again: boolean }
  | { readonly kind: "ssh-confirm"; readonly prompt: string }
  /** Nothing to answer: a security key waits for a touch. */
  | { readonly kind: "ssh-touch"; readonly prompt: string }
  /** Nothing to answer: a tunnel was lost and is not opened again, for a reason of the area `ssh`. */
  | {
      readonly kind: "ssh-stopped";
      readonly host: string;
      readonly reason: string;
      readonly parameters: Readonly<Record<string, string>>;
    };

export interface AskedQuestion {
  readonly id: number;
  readonly question: Question;
}

/** `secret` for the kinds that want one, `accept` for those that want a yes. Everything else is a no. */
export interface QuestionAnswer {
  readonly id: number;
  readonly answer: "accept" | "decline" | { readonly secret: string };
}

export const QUESTION_CALLS = {
  openQuestions: bareCall<readonly AskedQuestion[]>(
    "eglantine:open-questions",
    "What the user has not answered yet, oldest first.",
  ),
  answerQuestion: call<[answer: QuestionAnswer], void>(
    "eglantine:answer-question",
    "What the user says to a question. One that is closed is let pass.",
  ),
} as const;

export const QUESTION_EVENTS = {
  question: event<AskedQuestion>("eglantine:question", "The user is to be asked something."),
  questionClosed: event<number>(
    "eglantine:question-closed",
    "It is answered, in whatever window, or no longer of interest.",
  ),
} as const;
