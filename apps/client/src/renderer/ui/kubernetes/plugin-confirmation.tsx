// A program that the kubeconfig names for signing in, shown exactly as it would be run. Nothing runs before the button is pressed. Part of
// `kubernetes-place.tsx`.

import { useState } from "react";
import type { Bridge } from "../../../shared/bridge.ts";
import type { KubernetesFailure, SignInPlugin } from "../../../shared/kubernetes.ts";
import controls from "../controls.module.css";
import { useText } from "../use-text.ts";
import { FailureNotice } from "./failure-notice.tsx";
import styles from "./kubernetes.module.css";

export interface PluginConfirmationProps {
  readonly bridge: Bridge;
  readonly context: string;
  readonly plugin: SignInPlugin;
  readonly confirmed: () => void;
}

/** Arguments with blanks and the like are told apart. */
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

export function PluginConfirmation({ bridge, context, plugin, confirmed }: PluginConfirmationProps) {
  const t = useText("kubernetes");
  const [failure, setFailure] = useState<KubernetesFailure>();
  const { command, environment, fingerprint } = plugin;
  const allow = async () => {
    const outcome = await bridge.confirmKubernetesPlugin({ context, fingerprint });
    if ("failed" in outcome) setFailure(outcome.failed);
    // Also then: the kubeconfig names another one by now.
    confirmed();
  };
  return (
    <section className={styles["card"]} aria-labelledby="plugin-title" data-testid="plugin">
      <h2 id="plugin-title">{t("plugin-title")}</h2>
      <p>{t("plugin-text")}</p>
      <h3>{t("plugin-command")}</h3>
      <pre className={styles["code"]} data-testid="plugin-command">
        {[command, ...plugin.arguments].map(quoted).join(" ")}
      </pre>
      {environment.length > 0 && (
        <>
          <h3>{t("plugin-environment")}</h3>
          <pre className={styles["code"]}>
            {environment.map(({ name, value }) => `${name}=${quoted(value)}`).join("\n")}
          </pre>
        </>
      )}
      {failure !== undefined && <FailureNotice failure={failure} />}
      <button type="button" className={controls["plain"]} onClick={() => void allow()} data-testid="plugin-allow">
        {t("plugin-allow")}
      </button>
    </section>
  );
}
