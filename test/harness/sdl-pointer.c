/*
 * An unmodified game's view of the pointer: SDL2's, one line for each thing that happens. Driven by test/e2e/pointer-taken.test.ts; the end
 * of standard input ends it.
 *
 *   ready                      its window is there, 600x400 at 100,100, and has the focus
 *   button N STATE X Y         and all the motion before it, added up
 *   wheel X Y                  in detents, as finely as SDL tells them
 *
 * "relative 1" or "relative 0" on standard input → "relative MODE", what the mode is then.
 *
 * cc -O2 -o sdl-pointer sdl-pointer.c -lSDL2
 */
#include <SDL2/SDL.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

static long total_x, total_y;

static void tell(const SDL_Event *event) {
  switch (event->type) {
    case SDL_MOUSEMOTION:
      total_x += event->motion.xrel;
      total_y += event->motion.yrel;
      break;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
      printf("button %d %d %ld %ld\n", event->button.button, event->button.state, total_x, total_y);
      break;
    case SDL_MOUSEWHEEL: printf("wheel %g %g\n", event->wheel.preciseX, event->wheel.preciseY); break;
  }
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (SDL_Init(SDL_INIT_VIDEO) != 0) {
    fprintf(stderr, "%s\n", SDL_GetError());
    return 1;
  }
  SDL_Window *window = SDL_CreateWindow("game", 100, 100, 600, 400, SDL_WINDOW_BORDERLESS);
  int ready = 0;
  for (;;) {
    SDL_Event event;
    while (SDL_WaitEventTimeout(&event, 5)) tell(&event);
    /* There is no window manager that would give it. */
    if (SDL_GetKeyboardFocus() != window) SDL_SetWindowInputFocus(window);
    else if (!ready++) printf("ready\n");
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    if (poll(&input, 1, 0) <= 0) continue;
    char line[128];
    const ssize_t bytes = read(STDIN_FILENO, line, sizeof line - 1);
    if (bytes <= 0) break;
    line[bytes] = '\0';
    int relative;
    if (sscanf(line, "relative %d", &relative) == 1) {
      SDL_SetRelativeMouseMode(relative ? SDL_TRUE : SDL_FALSE);
      printf("relative %d\n", SDL_GetRelativeMouseMode());
    }
  }
  SDL_Quit();
  return 0;
}
