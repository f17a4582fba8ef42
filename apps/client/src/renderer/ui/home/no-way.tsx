// Why there is no way to a desktop, and what to do about it. From `opening-page.tsx` and `../trust/distrust-page.tsx`.

import type { OpenFailed } from "../../../shared/desktops.ts";
import type { MessageKey, Text } from "../../messages/areas.ts";
import styles from "../page.module.css";
import { useText } from "../use-text.ts";
import { ROUTE_KEYS, routeArea } from "./route-areas.ts";

export function NoWay({ failed }: { readonly failed: OpenFailed }) {
  const t = useText(routeArea(failed.area)) as Text<"home">;
  const { reason, parameters } = failed;
  return (
    <>
      <div role="alert">
        <h1 data-testid="opening-reason" data-reason={reason}>
          {t(ROUTE_KEYS.failed(reason) as MessageKey<"home">, parameters)}
        </h1>
      </div>
      <p className={styles["remedy"]}>{t(ROUTE_KEYS.remedy(reason) as MessageKey<"home">, parameters)}</p>
    </>
  );
}
