// How the desktop's programs get the viewers' gamepads. Named in control `gamepads` (`control.ts`).

/**
 * `uinput`: devices of the kernel. `interposer`: a library in front of each program, which needs no rights. `off`: none.
 * Chosen by the agent's `linux/gamepad-tier.ts`.
 */
export const GAMEPAD_TIERS = ["uinput", "interposer", "off"] as const;
