// Why a tunnel is not opened again, in the words of the route's failures. From `question-dialog.tsx`.

import type { MessageKey } from "../../messages/areas.ts";
import { ROUTE_KEYS } from "../home/route-areas.ts";
import { useText } from "../use-text.ts";

interface SshStoppedProps {
  readonly reason: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export function SshStopped({ reason, parameters }: SshStoppedProps) {
  const t = useText("ssh");
  // The area has both for each reason of `main/ssh/failure.ts`.
  return (
    <>
      <p>{t(ROUTE_KEYS.failed(reason) as MessageKey<"ssh">, parameters)}</p>
      <p>{t(ROUTE_KEYS.remedy(reason) as MessageKey<"ssh">, parameters)}</p>
    </>
  );
}
