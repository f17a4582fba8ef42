// The shell's answers about saved desktops: reads what the page sends and hands it on. Part of `bridge.ts`; calls are those of
// `shared/desktops.ts`.

import type { Answers } from "../../shared/bridge-call.ts";
import type { DESKTOP_CALLS } from "../../shared/desktops.ts";
import { readParameter } from "../read-parameter.ts";
import type { Secrets } from "../secrets.ts";
import { mergeDesktops, readDesktops, writeDesktops } from "./exchange.ts";
import type { Openings } from "./openings.ts";
import type { Pictures } from "./pictures.ts";
import { desktopDraft, desktopId, importWish, keptPicture, secret } from "./read.ts";
import type { DesktopStore } from "./store.ts";

export interface DesktopParts {
  readonly desktops: DesktopStore;
  readonly openings: Openings;
  readonly pictures: Pictures;
  readonly secrets: Secrets;
}

export function desktopAnswers({ desktops, openings, pictures, secrets }: DesktopParts): Answers<typeof DESKTOP_CALLS> {
  return {
    listDesktops: () => desktops.list(),
    damagedList: () => desktops.aside(),
    sawDamagedList: () => desktops.sawAside(),
    saveDesktop: (draft) => desktops.save(readParameter(desktopDraft, draft)),
    // Picture and password stay until the application ends: it may be brought back.
    removeDesktop: (id) => desktops.remove(readParameter(desktopId, id)),
    restoreDesktop: (id) => desktops.restore(readParameter(desktopId, id)),
    openDesktop: (id, { window }) => openings.open(readParameter(desktopId, id), window),
    closeDesktop: (_parameter, { window }) => openings.close(window),
    probeDesktop: (id, { window }) => openings.probe(readParameter(desktopId, id), window),
    stopProbing: (_parameter, { window }) => openings.stopProbing(window),
    readPicture: (id) => pictures.read(readParameter(desktopId, id)),
    keepPicture: async (picture) => {
      const { id, jpeg } = readParameter(keptPicture, picture);
      if ((await desktops.find(id)) !== undefined) await pictures.keep(id, jpeg);
    },
    passwordPlace: () => secrets.place(),
    whereIsPassword: (id) => secrets.where(readParameter(desktopId, id)),
    keepPassword: (parameter) => {
      const { id, password } = readParameter(secret, parameter);
      return secrets.keep(id, password);
    },
    forgetPassword: (id) => secrets.forget(readParameter(desktopId, id)),
    exportDesktops: async () => writeDesktops(await desktops.list()),
    importDesktops: async (wish) => {
      const { text, replace } = readParameter(importWish, wish);
      const read = readDesktops(text);
      if ("failed" in read) return read;
      const { toSave, told } = mergeDesktops(await desktops.list(), read.ok, replace);
      await desktops.saveAll(toSave);
      return { ok: told };
    },
  };
}
