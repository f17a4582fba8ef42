// The form for a new desktop, with what the cluster has to offer where this user may see it. Part of `desktop-list.tsx`.

import { type FormEvent, useEffect, useState } from "react";
import type { Bridge } from "../../../shared/bridge.ts";
import type { KubernetesChoices, KubernetesFailure, KubernetesPlace } from "../../../shared/kubernetes.ts";
import {
  KUBERNETES_DEFAULTS,
  KUBERNETES_FIELD_NAMES,
  KUBERNETES_FIELDS,
  type KubernetesField,
  needsRenderGroup,
  whatIsWrong,
} from "../../../shared/kubernetes-form.ts";
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
  const create = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // What is not shown does not count.
    const { gpuCount, renderGroup } = KUBERNETES_DEFAULTS;
    const chosen = {
      ...values,
      ...(values.gpuResource === "" && { gpuCount }),
      ...(!needsRenderGroup(values.gpuResource) && { renderGroup }),
    };
    if (KUBERNETES_FIELD_NAMES.some((name) => whatIsWrong(chosen, name) !== undefined)) {
      const first = event.currentTarget.querySelector<HTMLElement>("[aria-invalid=true]");
      const folded = first?.closest("details");
      if (folded) folded.open = true;
      first?.focus();
      return;
    }
    setSending(true);
    setFailure(undefined);
    const outcome = await bridge.createKubernetesDesktop({ ...chosen, ...place });
    setSending(false);
    if ("failed" in outcome) setFailure(outcome.failed);
    else close();
  };
  const field = (name: KubernetesField) => {
    const wrong = whatIsWrong(values, name);
    const { range } = KUBERNETES_FIELDS[name];
    const onText = (value: string) => set({ [name]: range === undefined ? value.trim() : Number(value) });
    const said = wrong && t(`wrong.${wrong.word}`, wrong.parameters);
    return { name, value: String(values[name]), range, wrong: said, onText };
  };
  return (
    <form className={styles["form"]} onSubmit={(event) => void create(event)} noValidate data-testid="kubernetes-form">
      <h2>{t("form-title", { namespace: place.namespace })}</h2>
      <div className={styles["fields"]}>
        <FormField label={t("field.name")} {...field("name")} />
        <FormField label={t("field.image")} {...field("image")} />
        <FormField label={t("field.pullSecret")} hint={t("hint.pullSecret")} {...field("pullSecret")} />
        <FormField label={t("field.width")} {...field("widthPx")} />
        <FormField label={t("field.height")} {...field("heightPx")} />
        <FormField
          label={t("field.gpu")}
          hint={t("hint.gpu")}
          {...field("gpuResource")}
          offers={choices.gpus.map(({ resource, count }) => ({ value: resource, label: `${resource} (${count})` }))}
        />
        {values.gpuResource !== "" && <FormField label={t("field.gpuCount")} {...field("gpuCount")} />}
        {needsRenderGroup(values.gpuResource) && <FormField label={t("field.renderGroup")} {...field("renderGroup")} />}
        <FormField label={t("field.memoryRequest")} hint={t("hint.memory")} {...field("memoryRequestGibibytes")} />
        <FormField label={t("field.memoryLimit")} hint={t("hint.memory")} {...field("memoryLimitGibibytes")} />
        <FormField label={t("field.home")} {...field("homeGibibytes")} />
        <FormField
          label={t("field.storageClass")}
          hint={t("hint.storageClass")}
          {...field("storageClass")}
          offers={choices.storageClasses.map(({ name }) => ({ value: name, label: name }))}
        />
        <FormField label={t("field.idle")} hint={t("hint.idle")} {...field("idleMinutes")} />
      </div>
      <details>
        <summary>{t("more")}</summary>
        <div className={styles["fields"]}>
          <FormField label={t("field.ingressHost")} hint={t("hint.ingressHost")} {...field("ingressHost")} />
          <FormField label={t("field.ingressSecret")} {...field("ingressSecret")} />
          <FormField label={t("field.ingressClass")} {...field("ingressClass")} />
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
