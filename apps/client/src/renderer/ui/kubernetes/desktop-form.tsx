// The form for a new desktop, with what the cluster has to offer where this user may see it. Part of `desktop-list.tsx`.

import { type FormEvent, useEffect, useState } from "react";
import type { Bridge } from "../../../shared/bridge.ts";
import {
  KUBERNETES_DEFAULTS,
  type KubernetesChoices,
  type KubernetesFailure,
  type KubernetesPlace,
  needsRenderGroup,
} from "../../../shared/kubernetes.ts";
import controls from "../controls.module.css";
import { useText } from "../use-text.ts";
import { FailureNotice } from "./failure-notice.tsx";
import { FormField } from "./form-field.tsx";
import styles from "./kubernetes.module.css";

export interface DesktopFormProps {
  readonly bridge: Bridge;
  readonly place: KubernetesPlace;
  readonly close: () => void;
}

const NONE: KubernetesChoices = { namespaces: [], storageClasses: [], gpus: [] };
const LABEL = "[a-z0-9]([a-z0-9\\-]*[a-z0-9])?";
const DNS_NAME = `${LABEL}(\\.${LABEL})*`;

export function DesktopForm({ bridge, place, close }: DesktopFormProps) {
  const t = useText("kubernetes");
  const { context } = place;
  const [values, setValues] = useState({ ...KUBERNETES_DEFAULTS });
  const [choices, setChoices] = useState(NONE);
  const [failure, setFailure] = useState<KubernetesFailure>();
  const [isSending, setSending] = useState(false);
  useEffect(() => {
    const ask = async () => {
      const outcome = await bridge.readKubernetesChoices({ context });
      if ("failed" in outcome) setFailure(outcome.failed);
      else setChoices(outcome.ok);
    };
    void ask();
  }, [bridge, context]);

  const set = (more: Partial<typeof values>) => setValues({ ...values, ...more });
  const create = async (event: FormEvent) => {
    event.preventDefault();
    setSending(true);
    setFailure(undefined);
    const outcome = await bridge.createKubernetesDesktop({ ...values, ...place });
    setSending(false);
    if ("failed" in outcome) setFailure(outcome.failed);
    else close();
  };
  type Texts = "name" | "image" | "gpuResource" | "storageClass" | "ingressHost" | "ingressSecret" | "ingressClass";
  const text = (field: Texts) => ({
    name: field,
    value: values[field],
    onText: (value: string) => set({ [field]: value.trim() }),
  });
  type Numbers = Exclude<keyof typeof values, Texts>;
  const number = (field: Numbers, min: number, max: number) => ({
    name: field,
    value: String(values[field]),
    range: { min, max },
    onText: (value: string) => set({ [field]: Number(value) }),
  });
  return (
    <form className={styles["form"]} onSubmit={(event) => void create(event)} data-testid="kubernetes-form">
      <h2>{t("form-title", { namespace: place.namespace })}</h2>
      <div className={styles["fields"]}>
        <FormField label={t("field.name")} {...text("name")} pattern={LABEL} maxLength={40} required />
        <FormField label={t("field.image")} {...text("image")} pattern="[A-Za-z0-9][A-Za-z0-9._\/:@\-]*" required />
        <FormField label={t("field.width")} {...number("widthPx", 320, 16_384)} />
        <FormField label={t("field.height")} {...number("heightPx", 200, 16_384)} />
        <FormField
          label={t("field.gpu")}
          hint={t("hint.gpu")}
          {...text("gpuResource")}
          pattern="[a-z0-9.\-]+/[A-Za-z0-9._\-]+"
          offers={choices.gpus.map(({ resource, count }) => ({ value: resource, label: `${resource} (${count})` }))}
        />
        {values.gpuResource !== "" && <FormField label={t("field.gpuCount")} {...number("gpuCount", 1, 16)} />}
        {needsRenderGroup(values.gpuResource) && (
          <FormField label={t("field.renderGroup")} {...number("renderGroup", 0, 4_294_967_294)} />
        )}
        <FormField label={t("field.home")} {...number("homeGibibytes", 1, 1_000_000)} />
        <FormField
          label={t("field.storageClass")}
          hint={t("hint.storageClass")}
          {...text("storageClass")}
          pattern={DNS_NAME}
          offers={choices.storageClasses.map(({ name }) => ({ value: name, label: name }))}
        />
        <FormField label={t("field.idle")} hint={t("hint.idle")} {...number("idleMinutes", 0, 100_000)} />
      </div>
      <details>
        <summary>{t("more")}</summary>
        <div className={styles["fields"]}>
          <FormField
            label={t("field.ingressHost")}
            hint={t("hint.ingressHost")}
            {...text("ingressHost")}
            pattern={DNS_NAME}
          />
          <FormField label={t("field.ingressSecret")} {...text("ingressSecret")} pattern={DNS_NAME} />
          <FormField label={t("field.ingressClass")} {...text("ingressClass")} pattern={DNS_NAME} />
        </div>
      </details>
      <p className={styles["note"]}>{t("password-note")}</p>
      {failure !== undefined && <FailureNotice failure={failure} />}
      <div className={styles["actions"]}>
        <button type="submit" className={controls["primary"]} disabled={isSending} data-testid="create">
          {isSending ? t("creating") : t("create")}
        </button>
        <button type="button" className={controls["plain"]} onClick={close}>
          {t("cancel")}
        </button>
      </div>
    </form>
  );
}
