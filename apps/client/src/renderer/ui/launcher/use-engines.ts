// The engines that there are, the one that is chosen, and what it says of itself. For `launch-place.tsx`.

import { useCallback, useEffect, useRef, useState } from "react";
import type { Bridge } from "../../../shared/bridge.ts";
import type { Engine, EngineDetails, LauncherOutcome } from "../../../shared/launcher.ts";

export interface Engines {
  /** Undefined: they are looked for. */
  readonly list: readonly Engine[] | undefined;
  readonly chosen: string | undefined;
  /** Undefined: it is being asked. */
  readonly details: LauncherOutcome<EngineDetails> | undefined;
  readonly choose: (address: string) => void;
  /** Anew. */
  readonly look: () => void;
  /** A list that the shell has given; the chosen one, or the first, is asked. */
  readonly take: (list: readonly Engine[], wanted?: string) => void;
}

export function useEngines(bridge: Bridge): Engines {
  const [list, setList] = useState<readonly Engine[]>();
  const [chosen, setChosen] = useState<string>();
  const [details, setDetails] = useState<LauncherOutcome<EngineDetails>>();
  /** The last one asked: answers of others come too late. */
  const asked = useRef<string>(undefined);

  const ask = useCallback(
    async (address: string | undefined): Promise<void> => {
      if (asked.current !== address) setDetails(undefined);
      asked.current = address;
      setChosen(address);
      if (address === undefined) return;
      const found = await bridge.inspectEngine({ engine: address });
      if (asked.current === address) setDetails(found);
    },
    [bridge],
  );
  const take = useCallback(
    (found: readonly Engine[], wanted = asked.current) => {
      setList(found);
      const known = found.find(({ address }) => address === wanted) ?? found.find(({ current }) => current);
      void ask((known ?? found[0])?.address);
    },
    [ask],
  );
  const look = useCallback(() => bridge.listEngines().then((found) => take(found)), [bridge, take]);
  useEffect(() => void look(), [look]);
  return { list, chosen, details, choose: (address) => void ask(address), look: () => void look(), take };
}
