// Desktops on Kubernetes: which cluster and namespace, its sign-in plug-in if there is one to confirm, and the desktops there. A place of
// `home/places.ts`; asks the shell by the calls of `shared/kubernetes.ts`. Next: `desktop-list.tsx`.

import { useCallback, useEffect, useState } from "react";
import type { KubernetesContexts, KubernetesOutcome, KubernetesPlace as Where } from "../../../shared/kubernetes.ts";
import type { PlaceProps } from "../home/places.ts";
import { useText } from "../use-text.ts";
import { DesktopList } from "./desktop-list.tsx";
import { FailureNotice } from "./failure-notice.tsx";
import styles from "./kubernetes.module.css";
import { PlaceBar } from "./place-bar.tsx";
import { PluginConfirmation } from "./plugin-confirmation.tsx";

export function KubernetesPlace({ bridge }: PlaceProps) {
  const t = useText("kubernetes");
  const [contexts, setContexts] = useState<KubernetesOutcome<KubernetesContexts>>();
  const [where, setWhere] = useState<Where>();
  const read = useCallback(() => void bridge.listKubernetesContexts().then(setContexts), [bridge]);
  useEffect(read, [read]);

  const known = contexts !== undefined && "ok" in contexts ? contexts.ok : undefined;
  const first = known?.contexts.find(({ name }) => name === known.current) ?? known?.contexts[0];
  const place = where ?? (first && { context: first.name, namespace: first.namespace });
  const context = known?.contexts.find(({ name }) => name === place?.context);
  return (
    <div className={styles["kubernetes"]} data-testid="kubernetes">
      <h1>{t("title")}</h1>
      {contexts !== undefined && "failed" in contexts && <FailureNotice failure={contexts.failed} again={read} />}
      {known !== undefined && first === undefined && (
        <FailureNotice failure={{ reason: "no-context", parameters: { context: known.current } }} again={read} />
      )}
      {known !== undefined && place !== undefined && context !== undefined && (
        <>
          <PlaceBar contexts={known.contexts} context={context} place={place} onChange={setWhere} />
          {context.plugin === undefined || context.plugin.confirmed ? (
            <DesktopList key={`${place.context} ${place.namespace}`} bridge={bridge} place={place} />
          ) : (
            <PluginConfirmation bridge={bridge} context={context.name} plugin={context.plugin} confirmed={read} />
          )}
        </>
      )}
    </div>
  );
}
