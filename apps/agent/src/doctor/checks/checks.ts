// TABLE of every check, in the order of the doctor's table: one subject a file beside this one. Run by `../doctor.ts`; documented in DOCTOR.md.

import type { Check } from "../types.ts";
import { capabilities } from "./capabilities.ts";
import { clock } from "./clock.ts";
import { confinement } from "./confinement.ts";
import { egl } from "./egl.ts";
import { encoderTime } from "./encoder-time.ts";
import { encoders } from "./encoders.ts";
import { interposer, uinput } from "./gamepads.ts";
import { glx } from "./glx.ts";
import { gpuDevices } from "./gpu-devices.ts";
import { nvidiaCapabilities } from "./nvidia-capabilities.ts";
import { nvidiaDriver } from "./nvidia-driver.ts";
import { opencl } from "./opencl.ts";
import { tcpPort, udpPort } from "./ports.ts";
import { runtime } from "./runtime.ts";
import { glScene, vulkanScene } from "./scenes.ts";
import { sharedMemory } from "./shared-memory.ts";
import { soundServer } from "./sound-server.ts";
import { disk, homeVolume } from "./space.ts";
import { stun } from "./stun.ts";
import { turn } from "./turn.ts";
import { vulkan } from "./vulkan.ts";
import { fonts, locale, timeZone } from "./words.ts";
import { rfbSocket, xServer } from "./x-server.ts";

export const CHECKS: readonly Check[] = [
  runtime,
  confinement,
  capabilities,
  gpuDevices,
  nvidiaDriver,
  nvidiaCapabilities,
  egl,
  glx,
  vulkan,
  opencl,
  encoders,
  xServer,
  rfbSocket,
  soundServer,
  interposer,
  uinput,
  tcpPort,
  udpPort,
  stun,
  turn,
  sharedMemory,
  disk,
  homeVolume,
  clock,
  timeZone,
  locale,
  fonts,
  glScene,
  vulkanScene,
  encoderTime,
];
