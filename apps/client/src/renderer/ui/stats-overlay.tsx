// The statistics over the desktop's corner; figures of `video/meter.ts` and the agent's own. Off by default.

import type { ReactNode } from "react";
import type { Client } from "../client.ts";
import { describePath } from "../connection/path-words.ts";
import { keyToPhotonMs } from "../video/stats.ts";
import styles from "./stats-overlay.module.css";
import { useStore } from "./use-store.ts";

/** Of an ordinary screen; browsers don't tell. */
const REFRESH_MS = 1000 / 60;

export function StatsOverlay({ client }: { readonly client: Client }) {
  const measures = useStore(client.meter.measures);
  const facts = useStore(client.connection.facts);
  const vnc = useStore(client.vnc.state);
  if (vnc.phase !== "off") return <VncStats client={client} why={vnc.why} />;
  const { display, encoder, agentStats: agent } = facts;
  const video = measures?.video;
  const presented = measures?.presented;
  const path = describePath(facts, client.shownPath, video?.route ?? "");
  const socket = measures?.path === "socket";
  const total =
    video !== undefined && agent !== undefined && measures?.inputRoundTripMs !== undefined
      ? keyToPhotonMs({ inputRoundTripMs: measures.inputRoundTripMs, agent, video, refreshMs: REFRESH_MS })
      : undefined;
  return (
    <section className={styles["overlay"]} data-testid="stats-overlay" aria-label="Statistics">
      <dl>
        <Row name="Key to photon" lead>
          {total === undefined ? "…" : `≈ ${total.toFixed(0)} ms`}
        </Row>
        <Row name="Frames">
          {video === undefined ? "…" : `${video.framesPerSecond.toFixed(0)} / s`}
          {presented !== undefined && presented.longestGapMs > 0 ? `, gap ${presented.longestGapMs.toFixed(0)} ms` : ""}
        </Row>
        <Row name="Bitrate">
          {video === undefined ? "…" : megabits(video.bitrateBps)}
          {agent === undefined ? "" : ` of ${megabits(agent.targetBps)}`}
        </Row>
        <Row name="Path">
          <span data-testid="path-name">{path.name}</span>
        </Row>
        <Row name="Round trip">{video === undefined ? "…" : millis(video.roundTripMs)}</Row>
        <Row name="Input round trip">{millis(measures?.inputRoundTripMs)}</Row>
        {!socket && <Row name="Jitter buffer">{millis(video?.jitterBufferMs)}</Row>}
        <Row name="Decode">{millis(video?.decodeMs)}</Row>
        {presented?.arrivalToScreenMs !== undefined && (
          <Row name="Arrival to screen">{millis(presented.arrivalToScreenMs)}</Row>
        )}
        {!socket && (
          <Row name="Loss">
            {video === undefined ? "…" : `${(video.lossFraction * 100).toFixed(1)} %`}
            {agent !== undefined && agent.retransmittedPackets > 0 ? `, ${agent.retransmittedPackets} resent` : ""}
          </Row>
        )}
        {agent !== undefined && (
          <>
            <Row name="Grab, convert">{`${agent.grabMs.toFixed(1)} + ${agent.convertMs.toFixed(1)} ms`}</Row>
            <Row name="Encode, send">{`${agent.encodeMs.toFixed(1)} + ${agent.sendMs.toFixed(1)} ms`}</Row>
          </>
        )}
        <Row name="Picture">{display === undefined ? "…" : `${display.widthPx} × ${display.heightPx}`}</Row>
        <Row name="Encoder">
          <span data-testid="encoder-name" title={encoder?.why}>
            {encoder?.name ?? "…"}
          </span>
          {encoder === undefined ? "" : `, ${encoder.codec}${encoder.fallback ? ", fallback" : ""}`}
        </Row>
        {video !== undefined && video.decoder !== "" && <Row name="Decoder">{video.decoder}</Row>}
        <SoundRow client={client} />
      </dl>
      {path.why !== undefined && (
        <p className={styles["why"]} data-testid="path-why">
          {path.name}: {path.why}
        </p>
      )}
      {encoder?.fallback === true && <p>{encoder.why}</p>}
    </section>
  );
}

/** noVNC tells no figures: what is known is said. */
function VncStats({ client, why }: { readonly client: Client; readonly why: string }) {
  const { display, viewOnly } = useStore(client.connection.facts);
  return (
    <section className={styles["overlay"]} data-testid="stats-overlay" aria-label="Statistics">
      <dl>
        <Row name="Path" lead>
          <span data-testid="path-name">noVNC</span>
        </Row>
        <Row name="Picture">{display === undefined ? "…" : `${display.widthPx} × ${display.heightPx}`}</Row>
        {viewOnly && <Row name="Hands">view only</Row>}
        <SoundRow client={client} />
      </dl>
      <p data-testid="path-why">{why}</p>
    </section>
  );
}

/** What waits to be played, and how often something was missing: since the page began. */
function SoundRow({ client }: { readonly client: Client }) {
  const numbers = useStore(client.sound.numbers);
  if (numbers === undefined) return null;
  const missed = numbers.underruns + numbers.gaps;
  return (
    <Row name="Sound">
      <span data-testid="sound-numbers" data-gaps={numbers.gaps}>
        {`${numbers.bufferedMs.toFixed(0)} ms waiting${missed === 0 ? "" : `, ${missed} missed`}`}
      </span>
    </Row>
  );
}

function Row({
  name,
  lead,
  children,
}: {
  readonly name: string;
  readonly lead?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <div className={lead === true ? styles["lead"] : undefined}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function millis(value: number | undefined): string {
  return value === undefined ? "…" : `${value.toFixed(1)} ms`;
}

function megabits(bitsPerSecond: number): string {
  return `${(bitsPerSecond / 1e6).toFixed(bitsPerSecond < 1e7 ? 1 : 0)} Mbit/s`;
}
