// The statistics over the desktop's corner; figures of `video/meter.ts` and the agent's own. Off by default.

import type { ReactNode } from "react";
import type { Client } from "../client.ts";
import { describePath } from "../connection/path-words.ts";
import { keyToPhotonMs } from "../video/stats.ts";
import styles from "./stats-overlay.module.css";
import { useStore } from "./use-store.ts";
import { useFormats, useSay, useText } from "./use-text.ts";

/** Of an ordinary screen; browsers don't tell. */
const REFRESH_MS = 1000 / 60;

export function StatsOverlay({ client }: { readonly client: Client }) {
  const t = useText("tools");
  const say = useSay();
  const { bitrate, listed, millis, number, percent } = useFormats();
  const measures = useStore(client.meter.measures);
  const facts = useStore(client.connection.facts);
  const vnc = useStore(client.vnc.state);
  if (vnc.phase !== "off") return <VncStats client={client} why={say(vnc.why)} />;
  const { display, encoder, agentStats: agent } = facts;
  const video = measures?.video;
  const presented = measures?.presented;
  const path = describePath(facts, client.shownPath, video?.route ?? "", say);
  const socket = measures?.path === "socket";
  const rate = video === undefined ? "…" : bitrate(video.bitrateBps);
  const time = (ms: number | undefined): string => (ms === undefined ? "…" : millis(ms, 1));
  const times = (one: number, other: number): string => `${number(one, 1)} + ${millis(other, 1)}`;
  const total =
    video !== undefined && agent !== undefined && measures?.inputRoundTripMs !== undefined
      ? keyToPhotonMs({ inputRoundTripMs: measures.inputRoundTripMs, agent, video, refreshMs: REFRESH_MS })
      : undefined;
  return (
    <section className={styles["overlay"]} data-testid="stats-overlay" aria-label={t("statistics")}>
      <dl>
        <Row name={t("key-to-photon")} lead>
          {total === undefined ? "…" : `≈ ${millis(total)}`}
        </Row>
        <Row name={t("frames")}>
          {listed([
            video === undefined ? "…" : t("per-second", { count: number(video.framesPerSecond) }),
            ...(presented !== undefined && presented.longestGapMs > 0
              ? [t("gap", { ms: millis(presented.longestGapMs) })]
              : []),
          ])}
        </Row>
        <Row name={t("bitrate")}>
          {agent === undefined ? rate : t("bitrate-of", { rate, target: bitrate(agent.targetBps) })}
        </Row>
        <Row name={t("path")}>
          <span data-testid="path-name">{path.name}</span>
        </Row>
        <Row name={t("round-trip")}>{time(video?.roundTripMs)}</Row>
        <Row name={t("input-round-trip")}>{time(measures?.inputRoundTripMs)}</Row>
        {!socket && <Row name={t("jitter-buffer")}>{time(video?.jitterBufferMs)}</Row>}
        <Row name={t("decode")}>{time(video?.decodeMs)}</Row>
        {presented?.arrivalToScreenMs !== undefined && (
          <Row name={t("arrival-to-screen")}>{time(presented.arrivalToScreenMs)}</Row>
        )}
        {!socket && (
          <Row name={t("loss")}>
            {listed([
              video === undefined ? "…" : percent(video.lossFraction, 1),
              ...(agent !== undefined && agent.retransmittedPackets > 0
                ? [t("resent", { count: agent.retransmittedPackets })]
                : []),
            ])}
          </Row>
        )}
        {agent !== undefined && (
          <>
            <Row name={t("grab-convert")}>{times(agent.grabMs, agent.convertMs)}</Row>
            <Row name={t("encode-send")}>{times(agent.encodeMs, agent.sendMs)}</Row>
          </>
        )}
        <Row name={t("picture")}>{display === undefined ? "…" : `${display.widthPx} × ${display.heightPx}`}</Row>
        <Row name={t("encoder")}>
          <span data-testid="encoder-name" title={encoder?.why}>
            {encoder?.name ?? "…"}
          </span>
          {encoder === undefined ? "" : listed(["", encoder.codec, ...(encoder.fallback ? [t("fallback")] : [])])}
        </Row>
        {video !== undefined && video.decoder !== "" && <Row name={t("decoder")}>{video.decoder}</Row>}
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
  const t = useText("tools");
  const { display, viewOnly } = useStore(client.connection.facts);
  return (
    <section className={styles["overlay"]} data-testid="stats-overlay" aria-label={t("statistics")}>
      <dl>
        <Row name={t("path")} lead>
          <span data-testid="path-name">noVNC</span>
        </Row>
        <Row name={t("picture")}>{display === undefined ? "…" : `${display.widthPx} × ${display.heightPx}`}</Row>
        {viewOnly && <Row name={t("hands")}>{t("view-only")}</Row>}
        <SoundRow client={client} />
      </dl>
      <p data-testid="path-why">{why}</p>
    </section>
  );
}

/** What waits to be played, and how often something was missing: since the page began. */
function SoundRow({ client }: { readonly client: Client }) {
  const t = useText("tools");
  const { listed, millis } = useFormats();
  const numbers = useStore(client.sound.numbers);
  if (numbers === undefined) return null;
  const missed = numbers.underruns + numbers.gaps;
  return (
    <Row name={t("sound")}>
      <span data-testid="sound-numbers" data-gaps={numbers.gaps}>
        {listed([
          t("sound-waiting", { ms: millis(numbers.bufferedMs) }),
          ...(missed === 0 ? [] : [t("sound-missed", { count: missed })]),
        ])}
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
