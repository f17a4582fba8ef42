/*
 * An unmodified game's view of gamepads: SDL2's joystick and game controller API, one line for each thing that happens. Driven by
 * image/gamepad.test.ts and test/e2e/gamepads.test.ts; the end of standard input ends it.
 *
 *   added PATH NAME | AXES axes BUTTONS buttons HATS hats rumble YES    a joystick has come, and what SDL says of it
 *   removed
 *   axis N VALUE, button N VALUE, hat N VALUE                           of the joystick
 *   pad axis NAME VALUE, pad button NAME VALUE                          of the same as a game controller
 *
 * "rumble STRONG WEAK MS" on standard input → "rumble 0", or what SDL says against it.
 *
 * cc -O2 -o sdl-pads sdl-pads.c -lSDL2
 */
#include <SDL2/SDL.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static SDL_Joystick *joystick;

static void added(int device) {
  SDL_Joystick *opened = SDL_JoystickOpen(device);
  if (SDL_IsGameController(device)) SDL_GameControllerOpen(device);
  if (opened == NULL) {
    printf("error %s\n", SDL_GetError());
    return;
  }
  joystick = opened;
  const char *path = SDL_JoystickPath(opened);
  printf("added %s %s | %d axes %d buttons %d hats rumble %s %04x:%04x\n", path == NULL ? "-" : path, SDL_JoystickName(opened),
         SDL_JoystickNumAxes(opened), SDL_JoystickNumButtons(opened), SDL_JoystickNumHats(opened),
         SDL_JoystickHasRumble(opened) ? "yes" : "no", SDL_JoystickGetVendor(opened), SDL_JoystickGetProduct(opened));
}

static void tell(const SDL_Event *event) {
  switch (event->type) {
    case SDL_JOYDEVICEADDED: added(event->jdevice.which); break;
    case SDL_JOYDEVICEREMOVED: printf("removed\n"); break;
    case SDL_JOYAXISMOTION: printf("axis %d %d\n", event->jaxis.axis, event->jaxis.value); break;
    case SDL_JOYBUTTONDOWN:
    case SDL_JOYBUTTONUP: printf("button %d %d\n", event->jbutton.button, event->jbutton.state); break;
    case SDL_JOYHATMOTION: printf("hat %d %d\n", event->jhat.hat, event->jhat.value); break;
    case SDL_CONTROLLERAXISMOTION:
      printf("pad axis %s %d\n", SDL_GameControllerGetStringForAxis(event->caxis.axis), event->caxis.value);
      break;
    case SDL_CONTROLLERBUTTONDOWN:
    case SDL_CONTROLLERBUTTONUP:
      printf("pad button %s %d\n", SDL_GameControllerGetStringForButton(event->cbutton.button), event->cbutton.state);
      break;
  }
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  /* Without a window there is no focus, and without one SDL tells nothing. */
  SDL_SetHint(SDL_HINT_JOYSTICK_ALLOW_BACKGROUND_EVENTS, "1");
  if (SDL_Init(SDL_INIT_JOYSTICK | SDL_INIT_GAMECONTROLLER) != 0) {
    fprintf(stderr, "%s\n", SDL_GetError());
    return 1;
  }
  printf("ready %d\n", SDL_NumJoysticks());
  for (;;) {
    SDL_Event event;
    while (SDL_WaitEventTimeout(&event, 5)) tell(&event);
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    if (poll(&input, 1, 0) <= 0) continue;
    char line[128];
    const ssize_t bytes = read(STDIN_FILENO, line, sizeof line - 1);
    if (bytes <= 0) break;
    line[bytes] = '\0';
    unsigned strong, weak, ms;
    if (sscanf(line, "rumble %u %u %u", &strong, &weak, &ms) == 3) {
      const int result = joystick == NULL ? -1 : SDL_JoystickRumble(joystick, (Uint16)strong, (Uint16)weak, ms);
      printf("rumble %d%s%s\n", result, result == 0 ? "" : " ", result == 0 ? "" : SDL_GetError());
    }
  }
  SDL_Quit();
  return 0;
}
