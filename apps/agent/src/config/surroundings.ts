// What the doctor (`doctor/`) wants to know of the environment beside the options: who runs this container, and how programs are told to
// find graphics, words and times. Named one by one: nothing else of the environment is looked at. Read by `load.ts`.

export interface Surroundings {
  /** systemd's and others' word for the kind of container. */
  readonly container: string | undefined;
  readonly kubernetesHost: boolean;
  readonly apptainer: boolean;
  readonly nvidiaDevices: string | undefined;
  readonly nvidiaCapabilities: string | undefined;
  readonly locale: string | undefined;
  readonly timeZone: string | undefined;
  readonly libraryPath: readonly string[];
  /** DISPLAY or --display named one. */
  readonly displayNamed: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

export function readSurroundings(env: Environment, displayFlag: boolean): Surroundings {
  return {
    container: env["container"],
    kubernetesHost: present(env["KUBERNETES_SERVICE_HOST"]),
    apptainer: present(env["APPTAINER_CONTAINER"]) || present(env["SINGULARITY_CONTAINER"]),
    nvidiaDevices: env["NVIDIA_VISIBLE_DEVICES"],
    nvidiaCapabilities: env["NVIDIA_DRIVER_CAPABILITIES"],
    // POSIX: the first of these that is not empty.
    locale: [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find(present),
    timeZone: env["TZ"],
    libraryPath: (env["LD_LIBRARY_PATH"] ?? "").split(":").filter(present),
    displayNamed: displayFlag || present(env["DISPLAY"]),
  };
}

function present(text: string | undefined): boolean {
  return text !== undefined && text !== "";
}
