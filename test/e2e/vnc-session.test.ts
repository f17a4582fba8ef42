// Story: the desktop that I start gives noVNC without being told to: its agent knows its X server's RFB socket.

import { type AgentControl, parseAgentControl } from "@eglantine/protocol/control";
import { CONTROL_SUBPROTOCOL, VNC_SUBPROTOCOL, VNC_TICKET_PREFIX } from "@eglantine/protocol/channels";
import { PROTOCOL_VERSION } from "@eglantine/protocol/version";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { startSession } from "../harness/session.ts";
import { until } from "../harness/until.ts";

test("a session offers noVNC, behind its password", async () => {
  const session = await startSession({ desktop: "xterm" });
  const url = session.url.replace("http", "ws");
  const control = new WebSocket(`${url}ws`, [CONTROL_SUBPROTOCOL]);
  try {
    const said: AgentControl[] = [];
    const find = <Type extends AgentControl["type"]>(type: Type) =>
      said.find((message): message is Extract<AgentControl, { type: Type }> => message.type === type);
    control.on("message", (data: Buffer, isBinary) => {
      if (!isBinary) said.push(parseAgentControl(data.toString("utf8")));
    });
    await new Promise((resolve) => control.once("open", resolve));
    const { user, password } = session;
    control.send(JSON.stringify({ type: "hello", version: PROTOCOL_VERSION, client: "test", user, password }));
    control.send(JSON.stringify({ type: "vnc" }));
    await until("a ticket", () => find("vnc") !== undefined);
    expect(find("hello")?.paths).toEqual(["webrtc", "socket", "vnc"]);
    const rfb = new WebSocket(`${url}vnc`, [VNC_SUBPROTOCOL, VNC_TICKET_PREFIX + find("vnc")?.ticket]);
    const first = await new Promise((resolve) => {
      rfb.once("message", (data: Buffer) => resolve(data.toString("latin1")));
      rfb.once("close", (_code, reason) => resolve(reason.toString()));
    });
    rfb.terminate();
    expect(first).toBe("RFB 003.008\n");
  } finally {
    control.terminate();
    await session.close();
  }
});
