// Adds a desktop: by its address, by SSH, by a container or by a pod. A link of the operating system (`eglantine://…`) comes here too, filled in: nothing begins
// before the user presses a button. A place of `places.ts`.

import { type FormEvent, Suspense, useEffect, useRef, useState } from "react";
import { ADDRESS_REASONS, addressOf, readAddress, readAgentPlace, readDestination } from "../../../shared/address.ts";
import type { DesktopTarget, TargetKind } from "../../../shared/desktops.ts";
import controls from "../controls.module.css";
import { AddressRefusal } from "../trust/address-refusal.tsx";
import { useText } from "../use-text.ts";
import styles from "./form.module.css";
import { hasPlace, type PlaceProps } from "./places.ts";
import { usualName } from "./target-words.ts";

const KINDS = ["url", "ssh", "container", "pod"] as const satisfies readonly TargetKind[];
const DEFAULT_USER = "user";
const DEFAULT_AGENT = "127.0.0.1:8080";
/** As many as `main/desktops/read.ts` takes. */
const NAME_CHARS = 128;

type Fields = Readonly<
  Record<
    "address" | "destination" | "port" | "agent" | "engine" | "container" | "context" | "namespace" | "pod",
    string
  >
>;

const EMPTY: Fields = {
  address: "",
  destination: "",
  port: "",
  agent: DEFAULT_AGENT,
  engine: "",
  container: "",
  context: "",
  namespace: "",
  pod: "",
};

/** The target, or the first field that is wrong. */
type Entered = { readonly target: DesktopTarget; readonly user?: string } | { readonly wrong: keyof Fields };

export function AddPlace({ bridge, query }: PlaceProps) {
  const t = useText("home");
  const link = query.get("address");
  const [kind, setKind] = useState<TargetKind>("url");
  // Of a link its address as it was read: a password in it is not shown again.
  const read = readAddress(link ?? "");
  const [fields, setFields] = useState<Fields>({
    ...EMPTY,
    // One that is refused may be anything, a password in it too.
    address: "ok" in read ? addressOf(read.ok.target) : "",
  });
  const [name, setName] = useState("");
  const [user, setUser] = useState(("ok" in read && read.ok.user) || query.get("user") || DEFAULT_USER);
  const [wrong, setWrong] = useState<keyof Fields>();
  const [full, setFull] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const entered = readEntered(kind, fields);
  const typed = readAddress(fields.address);
  const passwordLeftOut = kind === "url" && (("ok" in typed && typed.ok.passwordLeftOut) || query.has("left-out"));

  const refused = ADDRESS_REASONS.find((reason) => reason === query.get("refused"));

  useEffect(() => {
    if (link === null) return;
    const linked = readAddress(link);
    if ("failed" in linked) {
      location.replace(`#/add?refused=${linked.failed.reason}`);
      return;
    }
    if (!linked.ok.passwordLeftOut) return;
    // The password does not stay in the window's address either.
    const { target, user: of = "" } = linked.ok;
    const clean = new URLSearchParams({ address: addressOf(target), user: of, "left-out": "true" });
    location.replace(`#/add?${clean.toString()}`);
  }, [link]);

  useEffect(() => {
    // What a link has filled in is to be read before anything is pressed.
    if (link === null) form.current?.querySelector<HTMLInputElement>("input[type=text]")?.focus();
    else heading.current?.focus();
  }, [link]);

  const submit = async (event: FormEvent, connect: boolean): Promise<void> => {
    event.preventDefault();
    setWrong("wrong" in entered ? entered.wrong : undefined);
    if ("wrong" in entered) {
      form.current?.querySelector<HTMLInputElement>(`[name=${entered.wrong}]`)?.focus();
      return;
    }
    const { target } = entered;
    const saved = await bridge.saveDesktop({
      name: (name.trim() || usualName(target)).slice(0, NAME_CHARS),
      user: entered.user ?? user.trim(),
      target,
    });
    setFull("failed" in saved);
    if ("ok" in saved) location.assign(connect ? `?desktop=${saved.ok.id}` : "#/");
  };

  const field = (of: keyof Fields, label: string, placeholder: string) => (
    <label className={controls["field"]} key={of}>
      <span>{label}</span>
      <input
        type="text"
        name={of}
        data-testid={`add-${of}`}
        value={fields[of]}
        onChange={(event) => {
          setFields({ ...fields, [of]: event.target.value });
          if (wrong === of) setWrong(undefined);
        }}
        placeholder={placeholder}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        aria-invalid={wrong === of}
        aria-describedby={wrong === of ? "add-wrong" : undefined}
      />
      {wrong === of && (
        <small id="add-wrong" role="alert" data-testid="add-wrong" className={controls["wrong"]}>
          {of !== "address" && t(`wrong.${of}`)}
          {of === "address" && "failed" in typed && (
            <Suspense fallback={null}>
              <AddressRefusal reason={typed.failed.reason} />
            </Suspense>
          )}
        </small>
      )}
    </label>
  );

  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {t("add-title")}
      </h1>
      {refused !== undefined && (
        <p className={styles["link"]} data-testid="add-refused" role="alert">
          <Suspense fallback={null}>
            <AddressRefusal reason={refused} />
          </Suspense>
        </p>
      )}
      {link !== null && (
        <p className={styles["link"]} data-testid="add-link" role="status">
          {t("add-link")}
        </p>
      )}
      <form ref={form} className={styles["form"]} onSubmit={(event) => void submit(event, true)} data-testid="add-form">
        <fieldset className={styles["kinds"]}>
          <legend>{t("add-kind")}</legend>
          {KINDS.map((one) => (
            <label key={one}>
              <input
                type="radio"
                name="kind"
                data-testid={`add-kind-${one}`}
                checked={kind === one}
                onChange={() => setKind(one)}
              />
              {t(`kind.${one}`)}
            </label>
          ))}
        </fieldset>
        {kind === "url" && field("address", t("address"), "https://desktop.example:8080")}
        {passwordLeftOut && (
          <p className={styles["note"]} role="status" data-testid="add-password-left-out">
            {t("password-left-out")}
          </p>
        )}
        {kind === "ssh" && (
          <>
            <div className={styles["row"]}>
              {field("destination", t("destination"), "user@host")}
              {field("port", t("port"), "22")}
            </div>
            {field("agent", t("agent-there"), DEFAULT_AGENT)}
            <p className={styles["note"]}>{t("ssh-note")}</p>
          </>
        )}
        {kind === "container" && (
          <>
            {field("container", t("container"), "eglantine-1")}
            {field("engine", t("engine"), "unix:///var/run/docker.sock")}
            {hasPlace("launch") && (
              <p className={styles["note"]}>
                <a href="#/launch">{t("launch-instead")}</a>
              </p>
            )}
          </>
        )}
        {kind === "pod" && (
          <>
            {field("pod", t("pod"), "eglantine-0")}
            {field("namespace", t("namespace"), "default")}
            {field("context", t("context"), "my-cluster")}
            {hasPlace("kubernetes") && (
              <p className={styles["note"]}>
                <a href="#/kubernetes">{t("kubernetes-instead")}</a>
              </p>
            )}
          </>
        )}
        <div className={styles["row"]}>
          <label className={controls["field"]}>
            <span>{t("name")}</span>
            <input
              type="text"
              data-testid="add-name"
              value={name}
              maxLength={NAME_CHARS}
              onChange={(event) => setName(event.target.value)}
              placeholder={"target" in entered ? usualName(entered.target) : ""}
              autoComplete="off"
            />
          </label>
          <label className={controls["field"]}>
            <span>{t("user")}</span>
            <input
              type="text"
              data-testid="add-user"
              value={user}
              onChange={(event) => setUser(event.target.value)}
              autoCapitalize="none"
              autoComplete="off"
              spellCheck={false}
            />
          </label>
        </div>
        {full && (
          <p className={controls["wrong"]} role="alert">
            {t("failed.full", { count: "500" })} {t("remedy.full")}
          </p>
        )}
        <div className={styles["actions"]}>
          <button type="submit" className={controls["primary"]} data-testid="add-connect">
            {t("save-and-connect")}
          </button>
          <button
            type="button"
            className={controls["plain"]}
            data-testid="add-save"
            onClick={(event) => void submit(event, false)}
          >
            {t("save")}
          </button>
          <button type="button" className={controls["plain"]} onClick={() => location.assign("#/")}>
            {t("cancel")}
          </button>
        </div>
      </form>
    </>
  );
}

function readEntered(kind: TargetKind, fields: Fields): Entered {
  const trimmed = Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, text.trim()])) as Fields;
  switch (kind) {
    case "url": {
      const read = readAddress(trimmed.address);
      return "ok" in read ? read.ok : { wrong: "address" };
    }
    case "ssh": {
      const { destination, port, agent } = trimmed;
      if (readDestination(destination) === undefined) return { wrong: "destination" };
      if (port !== "" && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535))
        return { wrong: "port" };
      if (readAgentPlace(agent) === undefined) return { wrong: "agent" };
      return { target: { kind, destination, ...(port === "" ? {} : { port: Number(port) }), agent } };
    }
    case "container": {
      const { engine, container } = trimmed;
      if (!/^[\w][\w.-]{0,254}$/.test(container)) return { wrong: "container" };
      return engine === "" ? { wrong: "engine" } : { target: { kind, engine, container } };
    }
    case "pod": {
      const { context, namespace, pod } = trimmed;
      if (!DNS_NAME.test(pod)) return { wrong: "pod" };
      if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace)) return { wrong: "namespace" };
      return context === "" ? { wrong: "context" } : { target: { kind, context, namespace, name: pod } };
    }
  }
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const DNS_NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;
