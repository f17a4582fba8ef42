// Settings of the picture for the agent that is connected, and of the sound: what is chosen takes hold at once, and what is in force
// stands beside it.
// Opened from the toolbar; a panel, not a page: the desktop stays in sight. Next: `choice.ts`, which sends and remembers.

import type { PictureWish } from "../../shared/settings.ts";
import { pictureOf } from "../../shared/settings.ts";
import type { Client } from "../client.ts";
import controls from "./controls.module.css";
import styles from "./panel.module.css";
import { type InForce, PATH_NAMES, pathChoices } from "./picture-fields.ts";
import { Field, VideoFields } from "./video-fields.tsx";
import { ScaleSettings } from "./scale-settings.tsx";
import { SoundSettings } from "./sound-settings.tsx";
import { Panel } from "./panel.tsx";
import { useStore } from "./use-store.ts";
import { useFormats, useSay, useText } from "./use-text.ts";
import type { Text } from "../messages/areas.ts";

export function SettingsPanel({ client }: { readonly client: Client }) {
  const t = useText("picture");
  const say = useSay();
  const tongue = { t, formats: useFormats() };
  const facts = useStore(client.connection.facts);
  const vnc = useStore(client.vnc.state);
  const { pictures } = useStore(client.preferences.store);
  const { video, path } = pictureOf(pictures, client.connection.target?.address.pageUrl);

  return (
    <Panel client={client} title={t("title")} testId="settings-panel" focus="select">
      {vnc.phase !== "off" && (
        <p className={styles["note"]} data-testid="settings-rest">
          {t("rest")}
        </p>
      )}
      <div className={styles["fields"]}>
        <Field
          name="path"
          label={t("path")}
          choices={pathChoices(facts.paths, tongue)}
          value={path}
          onChange={(value) => client.choice.setPath(value ?? "auto")}
          now={pathNow(client, facts.path, vnc.phase === "off" ? undefined : say(vnc.why), path, t)}
        />
        <ScaleSettings client={client} />
        <VideoFields video={video} onChange={(next) => client.choice.setVideo(next)} facts={facts} />
        <SoundSettings client={client} />
      </div>
      <footer>
        <button
          type="button"
          className={controls["plain"]}
          data-testid="open-all-settings"
          onClick={() => client.changeView({ panel: "all-settings" })}
        >
          {t("all-settings")}
        </button>
        <button
          type="button"
          className={controls["plain"]}
          data-testid="settings-reset"
          disabled={path === "auto" && Object.keys(video).length === 0}
          onClick={() => {
            client.choice.setVideo({});
            if (path !== "auto") client.choice.setPath("auto");
          }}
        >
          {t("reset")}
        </button>
      </footer>
    </Panel>
  );
}

function pathNow(
  client: Client,
  path: ReturnType<Client["connection"]["facts"]["get"]>["path"],
  vnc: string | undefined,
  wish: PictureWish["path"],
  t: Text<"picture">,
): InForce | undefined {
  if (vnc !== undefined) return { text: t("with-why", { name: PATH_NAMES.vnc, why: vnc }), differs: false };
  const now =
    path ?? (client.connection.attempt?.peer === undefined ? undefined : { path: "webrtc" as const, why: "" });
  if (now === undefined) return undefined;
  const text = now.why === "" ? PATH_NAMES[now.path] : t("with-why", { name: PATH_NAMES[now.path], why: now.why });
  return { text, differs: wish !== "auto" && wish !== now.path };
}
