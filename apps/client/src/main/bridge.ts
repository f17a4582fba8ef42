// Answers the page's calls of `shared/bridge.ts`, whoever carries them: Electron's IPC (`bridge-host.ts`) or, in the tests of the page, a WebSocket
// (`renderer/testing/shell-channel.ts`). Only the application's own page is answered, and what it sends is taken for anything.

import { type Answers, type Caller, readFields, WrongParameter } from "../shared/bridge-call.ts";
import { BRIDGE, type CallName } from "../shared/bridge.ts";
import { desktopAnswers, type DesktopParts } from "./desktops/answers.ts";
import { launcherAnswers } from "./launcher/answers.ts";
import type { Launcher } from "./launcher/launcher.ts";
import { questionAnswers, type Questions } from "./questions.ts";
import { type KubernetesParts, kubernetesAnswers } from "./kubernetes/answers.ts";
import type { SettingsStore } from "./settings-store.ts";
import { systemAnswers, type SystemParts } from "./system-answers.ts";
import { type Trust, trustAnswers } from "./trust/trust.ts";

export interface BridgeParts extends DesktopParts, SystemParts, KubernetesParts {
  readonly settings: SettingsStore;
  readonly launcher: Launcher;
  readonly questions: Questions;
  readonly trust: Trust;
  readonly clipboard: { read(): unknown; write(content: unknown): void };
  readonly copied: {
    store(piece: unknown): Promise<void>;
    copy(set: unknown): Promise<unknown>;
    drop(set: unknown): Promise<void>;
    paths(set: unknown): Promise<readonly string[]>;
  };
}

/** One object for all tables: each part's answers are spread into it. */
export function createAnswers(parts: BridgeParts): Answers<typeof BRIDGE> {
  const { settings, pictures, clipboard, copied } = parts;
  return {
    readSettings: () => settings.read(),
    writeSettings: async (parameter) => {
      await settings.write(readFields(parameter));
      await pictures.heedWish();
    },
    readClipboard: () => clipboard.read(),
    writeClipboard: (parameter) => clipboard.write(readFields(parameter)),
    storeFile: (parameter) => copied.store(parameter),
    copyFiles: (parameter) => copied.copy(parameter),
    dropFiles: (parameter) => copied.drop(parameter),
    tellPaste: (_parameter, caller) => caller.paste(),
    ...desktopAnswers(parts),
    ...systemAnswers(parts),
    ...launcherAnswers(parts.launcher),
    ...questionAnswers(parts),
    ...trustAnswers(parts),
    ...kubernetesAnswers(parts),
  };
}

/** Where a call came from, as its carrier knows it. */
export interface Sender {
  /** It is one of the application's windows, no other contents. */
  readonly isWindow: boolean;
  /** It is the page itself, no frame in it. */
  readonly isMainFrame: boolean;
  /** Of the page; empty when it is gone. */
  readonly url: string;
}

export type RefusalReason = "call" | "sender" | "origin" | "parameter";

/** A call that no page of ours makes. */
export class BridgeRefusal extends Error {
  override readonly name = "BridgeRefusal";
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, detail: string) {
    super(detail);
    this.reason = reason;
  }
}

/** Why this sender gets no answer; undefined for the application's own page. PURE. */
export function refusalOf(sender: Sender, isOwnPage: (url: string) => boolean): RefusalReason | undefined {
  if (!sender.isWindow || !sender.isMainFrame) return "sender";
  return isOwnPage(sender.url) ? undefined : "origin";
}

export class ShellBridge {
  readonly #answers: Answers<typeof BRIDGE>;
  readonly #isOwnPage: (url: string) => boolean;

  constructor(answers: Answers<typeof BRIDGE>, isOwnPage: (url: string) => boolean) {
    this.#answers = answers;
    this.#isOwnPage = isOwnPage;
  }

  /** Rejects with BridgeRefusal for what the page never does; nothing was done then. */
  async answer(name: string, sender: Sender, caller: Caller, parameters: readonly unknown[]): Promise<unknown> {
    const refusal = refusalOf(sender, this.#isOwnPage);
    if (refusal !== undefined) throw new BridgeRefusal(refusal, "not the application's page");
    if (!Object.hasOwn(BRIDGE, name)) throw new BridgeRefusal("call", `no call ${name}`);
    const call = name as CallName;
    if (parameters.length !== BRIDGE[call].takes)
      throw new BridgeRefusal("parameter", `${name}: ${parameters.length} parameters`);
    try {
      return await this.#answers[call](parameters[0], caller);
    } catch (error) {
      if (error instanceof WrongParameter) throw new BridgeRefusal("parameter", error.message);
      throw error;
    }
  }
}
