// The launch that is under way, or was last: told by the shell, which goes on with it whatever the page does. For `launch-place.tsx`.

import { useEffect, useRef, useState } from "react";
import type { Bridge } from "../../../shared/bridge.ts";
import type { LaunchForm } from "../../../shared/launch-form.ts";
import type { LaunchState } from "../../../shared/launcher.ts";

export interface Launching {
  readonly state: LaunchState | undefined;
  readonly isOn: boolean;
  readonly begin: (form: LaunchForm) => void;
  /** What was told of the last one is no longer shown. */
  readonly forget: () => void;
}

const isOver = ({ stage }: LaunchState) => stage === "done" || stage === "failed";

/** `onEnd`: one ended while this was looked at. */
export function useLaunch(bridge: Bridge, onEnd: (state: LaunchState) => void): Launching {
  const [state, setState] = useState<LaunchState>();
  const ended = useRef(onEnd);
  useEffect(() => {
    ended.current = onEnd;
  });
  useEffect(() => {
    let known = false;
    const off = bridge.on("launchChanged", (told) => {
      known = true;
      setState(told);
      if (isOver(told)) ended.current(told);
    });
    const read = async (): Promise<void> => {
      const told = await bridge.readLaunch();
      // One that is over was seen when it ended.
      if (!known && told !== null && !isOver(told)) setState(told);
    };
    void read();
    return off;
  }, [bridge]);
  const begin = async (form: LaunchForm): Promise<void> => {
    const { engine, name, image } = form;
    const answer = await bridge.launch(form);
    if ("failed" in answer) setState({ stage: "failed", engine, name, image, layers: [], failure: answer.failed });
  };
  return {
    state,
    isOn: state !== undefined && !isOver(state),
    begin: (form) => void begin(form),
    forget: () => setState(undefined),
  };
}
