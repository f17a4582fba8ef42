// The shell's composition root without Electron: builds its parts in order and closes them in reverse. What Electron gives is handed in by `main.ts`,
// or by the tests' `renderer/testing/shell-channel.ts`. Next: `bridge.ts`, which answers the page with these parts.

import { join } from "node:path";
import type { Emit } from "../shared/bridge.ts";
import type { BridgeParts } from "./bridge.ts";
import { CopiedFiles } from "./copied-files.ts";
import { firstDesktops } from "./desktops/first-desktops.ts";
import { Openings } from "./desktops/openings.ts";
import { Pictures } from "./desktops/pictures.ts";
import { HealthProbe } from "./desktops/probe.ts";
import { DesktopStore } from "./desktops/store.ts";
import { urlRoute } from "./desktops/url-route.ts";
import { JsonFile } from "./json-file.ts";
import { Notifications, type NotificationsOptions } from "./notifications.ts";
import { type PowerBlocker, PowerHold } from "./power-hold.ts";
import { containerRoute } from "./launcher/container-route.ts";
import { Engines } from "./launcher/engines.ts";
import { Launcher } from "./launcher/launcher.ts";
import { LauncherStore } from "./launcher/launcher-store.ts";
import { type SafeStorage, Secrets } from "./secrets.ts";
import { Questions } from "./questions.ts";
import { Kubernetes } from "./kubernetes/kubernetes.ts";
import { SettingsStore } from "./settings-store.ts";
import { sshRoute, type SshRouteOptions } from "./ssh/ssh-route.ts";
import type { WindowActions } from "./system-answers.ts";
import { Pins } from "./trust/pins.ts";
import { Trust } from "./trust/trust.ts";

/** What only Electron has. */
export interface Surroundings {
  /** The application's own, for this user. */
  readonly folder: string;
  /** The application's own, for this run: removed at its end. */
  readonly temporary: string;
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's. */
  readonly home: string;
  /** image/kubernetes, as the application carries it (`apps/client/build.mjs`). */
  readonly manifests: string;
  readonly clipboard: BridgeParts["clipboard"] & {
    writeFiles(platform: NodeJS.Platform, paths: readonly string[]): Promise<boolean>;
  };
  /** In the system's file manager. */
  readonly showFolder: (folder: string) => Promise<void>;
  readonly safeStorage: SafeStorage;
  readonly emit: Emit;
  readonly createNotification: NotificationsOptions["create"];
  readonly powerBlocker: PowerBlocker;
  readonly windows: WindowActions & { focus(window: number): void };
  /** The system's ssh, and what it asks its user by. */
  readonly ssh: Pick<SshRouteOptions, "ssh" | "environment" | "askpassProgram">;
}

export interface Parts extends BridgeParts {
  /** Before the first window. */
  begin(): Promise<void>;
  /** The page of this window is gone, or another one. Idempotent. */
  windowClosed(window: number): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

export function buildParts(surroundings: Surroundings): Parts {
  const { folder, temporary, platform, env, home, clipboard, showFolder, safeStorage, emit, windows } = surroundings;
  const settings = new SettingsStore(join(folder, "settings.json"));
  const copied = new CopiedFiles({
    folder: temporary,
    put: (paths) => clipboard.writeFiles(platform, paths),
    show: showFolder,
  });
  const desktops = new DesktopStore(join(folder, "desktops.json"), async () =>
    firstDesktops((await settings.read()).hosts),
  );
  const pictures = new Pictures(join(folder, "pictures"), async () => (await settings.read()).keepPictures);
  const secrets = new Secrets({ path: join(folder, "secrets.json"), safeStorage, platform });
  const health = new HealthProbe();
  const engines = new Engines({ platform, env, home, uid: process.getuid?.() ?? 0 }, [surroundings.ssh.ssh]);
  const launcherStore = new LauncherStore(join(folder, "launcher.json"));
  const launcher = new Launcher({
    engines,
    store: launcherStore,
    desktops,
    tell: (state) => emit("launchChanged", state),
  });
  const questions = new Questions({
    asked: (question) => emit("question", question),
    closed: (id) => emit("questionClosed", id),
  });
  const ask: SshRouteOptions["ask"] = (question, signal) => questions.ask(question, signal);
  const pins = new Pins(new JsonFile(join(folder, "trust.json")));
  const trust = new Trust({ pins, ask, nowMs: Date.now });
  const ssh = sshRoute({ ...surroundings.ssh, platform, temporary, ask });
  const container = containerRoute({ engines, store: launcherStore, ssh, health });
  const kubernetes = new Kubernetes({
    file: join(folder, "kubernetes.json"),
    place: { environment: env, home },
    manifests: surroundings.manifests,
    tell: (news, window) => emit("kubernetesNews", news, window),
  });
  const openings = new Openings({
    store: desktops,
    secrets,
    trust,
    routes: { url: urlRoute(health), ssh, container, pod: kubernetes.route },
    tell: (progress, window) => emit("desktopProgress", progress, window),
  });
  const power = new PowerHold(surroundings.powerBlocker);
  const notifications = new Notifications({
    create: surroundings.createNotification,
    focusWindow: (window) => windows.focus(window),
  });
  return {
    settings,
    clipboard,
    copied,
    desktops,
    openings,
    pictures,
    secrets,
    questions,
    trust,
    kubernetes,
    power,
    notifications,
    windows,
    begin: async () => {
      // What an end without a close has left behind.
      const ids = await desktops.ids();
      if (ids !== undefined) await Promise.all([pictures.keepOnly(ids), secrets.keepOnly(ids)]);
    },
    windowClosed: async (window) => {
      power.set(window, false);
      notifications.windowClosed(window);
      openings.stopProbing(window);
      await openings.close(window);
      await kubernetes.unwatch(window);
    },
    launcher,
    close: async () => {
      questions.close();
      await openings.closeAll();
      await kubernetes.close();
      await launcher.close();
      health.close();
      for (const id of desktops.removed) await Promise.all([pictures.forget(id), secrets.forget(id)]);
    },
  };
}
