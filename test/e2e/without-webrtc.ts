// A network without UDP, for `DesktopPageOptions.onWebSocket`: the viewer's offer never reaches the agent.

import type { WebSocketRoute } from "playwright-core";

export function withoutWebRtc(route: WebSocketRoute): void {
  const agent = route.connectToServer();
  agent.onMessage((frame) => route.send(frame));
  route.onMessage((frame) => {
    if (typeof frame === "string" && (JSON.parse(frame) as { type?: string }).type === "offer") return;
    agent.send(frame);
  });
}
