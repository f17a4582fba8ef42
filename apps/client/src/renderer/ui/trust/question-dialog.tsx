// One question as a dialog. A no is what Escape, the first button and a closed window say: nothing is trusted by a key that was pressed for something
// else. From `questions.tsx`.

import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import type { Question, QuestionAnswer } from "../../../shared/questions.ts";
import controls from "../controls.module.css";
import { useFormats, useText } from "../use-text.ts";
import { CertificateFacts, Fingerprint } from "./certificate-facts.tsx";
import styles from "./question-dialog.module.css";
import { SshStopped } from "./ssh-stopped.tsx";

interface QuestionDialogProps {
  readonly question: Question;
  readonly answer: (said: QuestionAnswer["answer"]) => void;
}

export function QuestionDialog({ question, answer }: QuestionDialogProps) {
  const t = useText("trust");
  const connection = useText("connection");
  const formats = useFormats();
  switch (question.kind) {
    case "certificate-unknown": {
      const { certificate } = question;
      return (
        <Frame
          kind={question.kind}
          title={t("certificate-unknown.title")}
          refusal={t("stop")}
          acceptance={t("certificate-unknown.accept")}
          answer={answer}
        >
          <p>{t("certificate-unknown.text", { host: certificate.endpoint })}</p>
          <Fingerprint label={t("fingerprint")} value={certificate.fingerprint} />
          <CertificateFacts certificate={certificate} />
        </Frame>
      );
    }
    case "certificate-changed": {
      const { certificate, knownFingerprint, knownSinceMs } = question;
      return (
        <Frame
          kind={question.kind}
          title={t("certificate-changed.title")}
          refusal={t("stop")}
          acceptance={t("certificate-changed.accept")}
          sure={t("certificate-changed.sure")}
          answer={answer}
        >
          <p>{t("certificate-changed.text", { host: certificate.endpoint, date: formats.dateTime(knownSinceMs) })}</p>
          <Fingerprint label={t("fingerprint-known")} value={knownFingerprint} />
          <Fingerprint label={t("fingerprint-shown")} value={certificate.fingerprint} />
          <CertificateFacts certificate={certificate} />
        </Frame>
      );
    }
    case "clear-text":
      return (
        <Frame
          kind={question.kind}
          title={t("clear-text.title")}
          refusal={t("stop")}
          acceptance={t("clear-text.accept")}
          answer={answer}
        >
          <p>
            {connection("clear-text", { host: question.endpoint })} {t("clear-text.instead")}
          </p>
        </Frame>
      );
    case "ssh-host-key":
      return (
        <Frame
          kind={question.kind}
          title={t("ssh-host-key.title")}
          refusal={t("stop")}
          acceptance={t("ssh-host-key.accept")}
          answer={answer}
        >
          <p>{t("ssh-host-key.text", { host: question.host, type: question.keyType })}</p>
          <Fingerprint label={t("fingerprint")} value={question.fingerprint} />
        </Frame>
      );
    case "ssh-passphrase":
      return (
        <Secret
          kind={question.kind}
          title={t("ssh-passphrase.title")}
          label={t("ssh-passphrase.label", { key: question.key })}
          again={question.again}
          answer={answer}
        />
      );
    case "ssh-password":
      return (
        <Secret
          kind={question.kind}
          title={t("ssh-password.title")}
          label={t("ssh-password.label", { account: question.account })}
          again={question.again}
          answer={answer}
        />
      );
    case "ssh-secret":
      return (
        <Secret
          kind={question.kind}
          title={t("ssh-secret.title")}
          label={question.prompt}
          again={question.again}
          answer={answer}
        />
      );
    case "ssh-confirm":
      return (
        <Frame
          kind={question.kind}
          title={t("ssh-secret.title")}
          refusal={t("cancel")}
          acceptance={t("yes")}
          answer={answer}
        >
          <p className={styles["prompt"]}>{question.prompt}</p>
        </Frame>
      );
    case "ssh-touch":
      return (
        <Frame kind={question.kind} title={t("ssh-touch.title")} refusal={t("cancel")} answer={answer}>
          <p>{t("ssh-touch.text")}</p>
          <p className={styles["prompt"]}>{question.prompt}</p>
        </Frame>
      );
    case "ssh-stopped":
      return (
        <Frame
          kind={question.kind}
          title={t("ssh-stopped.title", { host: question.host })}
          refusal={t("close")}
          answer={answer}
        >
          <SshStopped reason={question.reason} parameters={question.parameters} />
        </Frame>
      );
  }
}

interface FrameProps {
  readonly kind: Question["kind"];
  readonly title: string;
  readonly refusal: string;
  /** Without one there is nothing to accept. */
  readonly acceptance?: string;
  /** What has to be ticked before it can be accepted. */
  readonly sure?: string;
  readonly children: ReactNode;
  readonly answer: QuestionDialogProps["answer"];
  /** What is said when it is accepted. */
  readonly accepted?: () => QuestionAnswer["answer"];
}

function Frame({ kind, title, refusal, acceptance, sure, children, answer, accepted }: FrameProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isSure, setSure] = useState(sure === undefined);
  useEffect(() => dialog.current?.showModal(), []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (acceptance !== undefined && isSure) answer(accepted?.() ?? "accept");
  };
  return (
    <dialog
      ref={dialog}
      className={styles["dialog"]}
      aria-labelledby="question-title"
      data-testid="question"
      data-kind={kind}
      onCancel={(event) => {
        event.preventDefault();
        answer("decline");
      }}
      // The desktop behind it has no part in what is typed here.
      onKeyDown={(event) => event.stopPropagation()}
    >
      <h2 id="question-title">{title}</h2>
      <form onSubmit={submit}>
        {children}
        {sure !== undefined && (
          <label className={styles["sure"]}>
            <input
              type="checkbox"
              data-testid="question-sure"
              checked={isSure}
              onChange={(event) => setSure(event.target.checked)}
            />
            <span>{sure}</span>
          </label>
        )}
        <div className={styles["actions"]}>
          <button
            type="button"
            className={controls["plain"]}
            data-testid="question-decline"
            onClick={() => answer("decline")}
          >
            {refusal}
          </button>
          {acceptance !== undefined && (
            <button type="submit" className={controls["primary"]} data-testid="question-accept" disabled={!isSure}>
              {acceptance}
            </button>
          )}
        </div>
      </form>
    </dialog>
  );
}

interface SecretProps {
  readonly kind: Question["kind"];
  readonly title: string;
  readonly label: string;
  readonly again: boolean;
  readonly answer: QuestionDialogProps["answer"];
}

function Secret({ kind, title, label, again, answer }: SecretProps) {
  const t = useText("trust");
  const [secret, setSecret] = useState("");
  return (
    <Frame
      kind={kind}
      title={title}
      refusal={t("cancel")}
      acceptance={t("ok")}
      answer={answer}
      accepted={() => ({ secret })}
    >
      <label className={controls["field"]}>
        <span className={styles["prompt"]}>{label}</span>
        <input
          type="password"
          data-testid="question-secret"
          value={secret}
          onChange={(event) => setSecret(event.target.value)}
          autoComplete="off"
          // oxlint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          aria-invalid={again}
          aria-describedby={again ? "question-again" : undefined}
        />
        {again && (
          <small id="question-again" role="alert" className={controls["wrong"]}>
            {t("again")}
          </small>
        )}
      </label>
    </Frame>
  );
}
