// Which cluster and which namespace. Part of `kubernetes-place.tsx`.

import { useState } from "react";
import type { KubernetesContext, KubernetesPlace } from "../../../shared/kubernetes.ts";
import controls from "../controls.module.css";
import { useText } from "../use-text.ts";
import styles from "./kubernetes.module.css";

const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

export interface PlaceBarProps {
  readonly contexts: readonly KubernetesContext[];
  readonly context: KubernetesContext;
  readonly place: KubernetesPlace;
  readonly onChange: (place: KubernetesPlace) => void;
}

export function PlaceBar({ contexts, context, place, onChange }: PlaceBarProps) {
  const t = useText("kubernetes");
  const [draft, setDraft] = useState(place.namespace);
  const isName = NAMESPACE.test(draft);
  const choose = (name: string) => {
    const { namespace } = contexts.find((one) => one.name === name) ?? context;
    setDraft(namespace);
    onChange({ context: name, namespace });
  };
  // Not at every letter: each would ask the cluster.
  const take = () => {
    if (isName && draft !== place.namespace) onChange({ ...place, namespace: draft });
  };
  return (
    <div className={styles["bar"]}>
      <label className={controls["field"]}>
        <span>{t("context")}</span>
        <select value={place.context} onChange={(event) => choose(event.target.value)} data-testid="context">
          {contexts.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          take();
        }}
      >
        <label className={controls["field"]}>
          <span>{t("namespace")}</span>
          <input
            value={draft}
            spellCheck={false}
            aria-invalid={!isName}
            onChange={(event) => setDraft(event.target.value)}
            onBlur={take}
            data-testid="namespace"
          />
        </label>
      </form>
      <p className={styles["server"]}>{t("server", { server: context.server, user: context.user })}</p>
      {context.unverified && (
        <p className={styles["warning"]} role="note">
          {t("unverified")}
        </p>
      )}
    </div>
  );
}
