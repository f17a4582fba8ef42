// What a certificate says of itself, and what speaks against it. From `question-dialog.tsx`.

import type { ShownCertificate } from "../../../shared/questions.ts";
import { useFormats, useText } from "../use-text.ts";
import styles from "./question-dialog.module.css";

export function Fingerprint({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <p className={styles["fingerprint"]}>
      <span>{label}</span>
      <code data-testid="fingerprint">{value}</code>
    </p>
  );
}

export function CertificateFacts({ certificate }: { readonly certificate: ShownCertificate }) {
  const t = useText("trust");
  const formats = useFormats();
  const { subject, issuer, validFromMs, validToMs, problems } = certificate;
  return (
    <>
      <ul className={styles["problems"]}>
        {problems.map((problem) => (
          <li key={problem} data-problem={problem}>
            {t(`problem.${problem}`)}
          </li>
        ))}
      </ul>
      <dl className={styles["facts"]}>
        <dt>{t("subject")}</dt>
        <dd>{subject}</dd>
        <dt>{t("issuer")}</dt>
        <dd>{issuer}</dd>
        <dt>{t("validity")}</dt>
        <dd>{t("validity-range", { from: formats.dateTime(validFromMs), to: formats.dateTime(validToMs) })}</dd>
      </dl>
    </>
  );
}
