/*
 * The X client that draws what the benchmarks measure. Driven by pattern.ts: commands come in on stdin, one a line,
 * answers go out on stdout; the end of stdin ends the program. What it draws is read back by the page probe
 * (bench/page-probe.ts), the counter's layout is in pattern-counter.ts. All times are CLOCK_MONOTONIC microseconds.
 *
 *   mode NAME      flip, patch, busy, move, storm, quarter, still, blank, see the table below → "mode NAME TIME"
 *   delay MS       wait so long between a key and its drawing (self-check of the harness) → "delay MS"
 *   shift US       draws the next frame, and all after it, so much later → "shift US"
 *   stamps         every key and frame since the last call, then "end":
 *                  "k RECEIVED DRAWN" for a key, "f COUNTER DRAWN DONE" for a frame (DONE: the X server has executed it)
 *   dump PATH      the root window's pixels as raw BGRX → "dump WIDTH HEIGHT"
 *
 * cc -O2 -o pattern pattern.c -lxcb -lm
 */
#define _GNU_SOURCE
#include <math.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <xcb/xcb.h>
#include <xcb/xcbext.h>

enum {
  RATE_HZ = 60,
  BLOCK_PX = 16,       /* one bit of the counter */
  COUNTER_BITS = 24,   /* 16 counter, 8 checksum */
  COUNTER_LEFT_PX = 16,
  PATCH_PX = 64,
  SCROLL_PX = 4, /* per frame */
  LEAP_PX = 467,
  BOXES = 6,
  STAMPS_MAX = 1 << 16,
  DARK = 0x102060,
  BRIGHT = 0xf0d040,
};

struct mode {
  const char *name;
  int flips_screen, flips_patch, moves_quarter, moves_screen, shows_still, jumps;
};
static const struct mode MODES[] = {
  {"blank", 0, 0, 0, 0, 0, 0},   /* one colour */
  {"flip", 1, 0, 0, 0, 0, 0},    /* a key turns the whole screen to the other colour */
  {"patch", 0, 1, 0, 0, 1, 0},   /* a key turns a 64x64 patch, the rest is still */
  {"busy", 0, 1, 1, 0, 1, 0},    /* the same while the lower right quarter moves */
  {"quarter", 0, 0, 1, 0, 1, 0}, /* the lower right quarter moves */
  {"move", 0, 0, 0, 1, 0, 0},    /* the whole screen moves */
  {"storm", 0, 0, 0, 1, 0, 1},   /* the same in leaps that no motion search follows: it fills any link */
  {"still", 0, 0, 0, 0, 1, 0},   /* fine coloured text */
};

struct area {
  int x, y, w, h;
};
struct stamp {
  int is_key;
  uint32_t counter;
  int64_t first_us, second_us;
};

static xcb_connection_t *connection;
static xcb_screen_t *screen;
static xcb_window_t window;
static xcb_gcontext_t gc;
static xcb_pixmap_t scene, back;
static struct area moving;
static const struct mode *mode = &MODES[0];
static int bright;
static int64_t delay_us;
static int64_t due_us; /* the next frame of a moving picture */
static uint32_t counter;
static struct stamp stamps[STAMPS_MAX];
static int stamp_count;
static unsigned int pending_sync; /* sequence of the round trip behind the last frame, 0 for none */
static int pending_stamp;

static int64_t now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void fail(const char *why) {
  fprintf(stderr, "pattern: %s\n", why);
  exit(1);
}

static uint32_t next_random(uint32_t *state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}

static void set_colours(uint32_t foreground, uint32_t background) {
  uint32_t values[] = {foreground, background};
  xcb_change_gc(connection, gc, XCB_GC_FOREGROUND | XCB_GC_BACKGROUND, values);
}

static void fill(xcb_drawable_t target, int x, int y, int w, int h, uint32_t colour) {
  xcb_rectangle_t rectangle = {(int16_t)x, (int16_t)y, (uint16_t)w, (uint16_t)h};
  set_colours(colour, 0);
  xcb_poly_fill_rectangle(connection, target, gc, 1, &rectangle);
}

static void text(xcb_drawable_t target, int x, int y, const char *line, uint32_t colour, uint32_t background) {
  set_colours(colour, background);
  xcb_image_text_8(connection, (uint8_t)strlen(line), target, gc, (int16_t)x, (int16_t)y, line);
}

static const uint32_t INKS[] = {0x202020, 0xc01818, 0x107818, 0x1838c0, 0x8018a0, 0x007878, 0xa06000, 0xd02080};
static const char *const LINES[] = {
  "static int decode(const uint8_t *bytes, size_t count) { return count > 4 ? bytes[4] & 0x1f : -1; }",
  "The quick brown fox jumps over the lazy dog, 0123456789; sphinx of black quartz, judge my vow!",
  "drwxr-xr-x 12 user user   4096 Nov 21 08:14 projects    -rw-r--r--  1 user user  18273 notes.md",
  "for (let i = 0; i < frames.length; i += 1) total += frames[i].bytes * 8 / seconds; // bit/s",
};

/* Fine coloured text on light and dark panels, thin lines and a gradient bar: a desktop at work. */
static void draw_still(xcb_drawable_t target, int w, int h) {
  fill(target, 0, 0, w, h, 0xf4f4f0);
  for (int x = 0; x < w; x += 4)
    fill(target, x, 0, 4, 24, ((uint32_t)(x * 255 / w) << 16) | ((uint32_t)(255 - x * 255 / w) << 8) | 0x80);
  int row = 0;
  for (int y = 40; y < h - 8; y += 14, row += 1) {
    for (int column = 0; column * (w / 2) < w - 60; column += 1) {
      int dark = (row / 12 + column) % 2, left = column * (w / 2) + 8;
      uint32_t paper = dark ? 0x1e2430 : 0xf4f4f0;
      uint32_t ink = INKS[(row + column * 3) % 8] ^ (dark ? 0xe0e0e0 : 0);
      char line[256];
      snprintf(line, sizeof line, "%4d %s", row, LINES[(row + column) % 4]);
      int fits = (w / 2 - 24) / 6; /* the font is 6 pixels wide */
      if ((int)strlen(line) > fits) line[fits] = 0;
      if (dark) fill(target, left - 4, y - 11, w / 2 - 8, 14, paper);
      text(target, left, y, line, ink, paper);
    }
    if (row % 12 == 0) fill(target, 0, y - 12, w, 1, 0xc01818);
  }
}

/* Smooth light and shade without an edge, as in a photograph. */
static void draw_shades(const struct area *a) {
  uint32_t *row = malloc((size_t)a->w * 4);
  if (row == NULL) fail("out of memory");
  for (int y = 0; y < a->h; y += 1) {
    for (int x = 0; x < a->w; x += 1) {
      double u = 6.2831853 * x / a->w, v = 6.2831853 * y / a->h;
      uint32_t red = (uint32_t)(128 + 90 * sin(2 * u + sin(v)));
      uint32_t green = (uint32_t)(128 + 80 * sin(3 * u - 2 * v));
      uint32_t blue = (uint32_t)(128 + 90 * cos(u + 3 * v + sin(4 * u)));
      row[x] = red << 16 | green << 8 | blue;
    }
    xcb_put_image(connection, XCB_IMAGE_FORMAT_Z_PIXMAP, scene, gc, (uint16_t)a->w, 1, 0, (int16_t)y, 0,
                  screen->root_depth, (uint32_t)a->w * 4, (const uint8_t *)row);
  }
  free(row);
}

/* Two copies side by side of one picture with shades, boxes and text: scrolled through, it moves without an end. */
static void draw_scene(const struct area *a) {
  uint32_t seed = 7;
  draw_shades(a);
  for (int i = 0; i < a->w * a->h / 32000; i += 1) {
    int x = (int)(next_random(&seed) % (uint32_t)a->w), y = (int)(next_random(&seed) % (uint32_t)a->h);
    int w = 20 + (int)(next_random(&seed) % 120), h = 12 + (int)(next_random(&seed) % 70);
    fill(scene, x, y, x + w > a->w ? a->w - x : w, h, next_random(&seed) & 0xffffff);
  }
  for (int y = 30, row = 0; y < a->h - 20; y += 40, row += 1) {
    char line[256];
    int fits = (a->w - 16) / 6;
    snprintf(line, sizeof line, "%s", LINES[row % 4]);
    if ((int)strlen(line) > fits) line[fits] = 0;
    text(scene, 8, y, line, 0xffffff, 0x202838);
  }
  xcb_copy_area(connection, scene, scene, gc, 0, 0, (int16_t)a->w, 0, (uint16_t)a->w, (uint16_t)a->h);
}

static void draw_counter(int y) {
  uint32_t low = counter & 0xffff;
  uint32_t check = (low * 167u + (low >> 8) * 29u + 89u) & 0xff;
  uint32_t bits = low << 8 | check;
  fill(back, 0, y, COUNTER_LEFT_PX * 2 + COUNTER_BITS * BLOCK_PX, BLOCK_PX, 0);
  xcb_rectangle_t ones[COUNTER_BITS];
  uint32_t count = 0;
  for (int i = 0; i < COUNTER_BITS; i += 1)
    if (bits >> (COUNTER_BITS - 1 - i) & 1)
      ones[count++] = (xcb_rectangle_t){(int16_t)(COUNTER_LEFT_PX + i * BLOCK_PX), (int16_t)y, BLOCK_PX, BLOCK_PX};
  set_colours(0xffffff, 0);
  if (count > 0) xcb_poly_fill_rectangle(connection, back, gc, count, ones);
}

static int bounce(int64_t position, int range) {
  int at = (int)(position % (2 * (int64_t)range));
  return at < range ? at : 2 * range - at;
}

/* Composed off screen and copied by one request, so that the screen itself never shows half a frame. */
static void draw_frame(void) {
  const struct area *a = &moving;
  counter += 1;
  int offset = (int)((counter * (uint64_t)(mode->jumps ? LEAP_PX : SCROLL_PX)) % (uint64_t)a->w);
  xcb_copy_area(connection, scene, back, gc, (int16_t)offset, 0, 0, 0, (uint16_t)a->w, (uint16_t)a->h);
  for (int i = 0; i < BOXES; i += 1) {
    int w = a->w / 8, h = a->h / 8;
    int x = bounce((int64_t)counter * (3 + i * 2) + i * 97, a->w - w);
    int y = bounce((int64_t)counter * (2 + i) + i * 53, a->h - h);
    fill(back, x, y, w, h, INKS[i + 1]);
  }
  draw_counter(0);
  draw_counter(a->h - BLOCK_PX);
  xcb_copy_area(connection, back, window, gc, 0, 0, (int16_t)a->x, (int16_t)a->y, (uint16_t)a->w, (uint16_t)a->h);
  xcb_get_input_focus_cookie_t sync = xcb_get_input_focus(connection);
  xcb_flush(connection);
  if (stamp_count < STAMPS_MAX) {
    stamps[stamp_count] = (struct stamp){0, counter & 0xffff, now_us(), 0};
    pending_stamp = stamp_count++;
    pending_sync = sync.sequence;
  } else {
    xcb_discard_reply(connection, sync.sequence);
  }
}

static struct area patch_area(void) {
  return (struct area){(screen->width_in_pixels / 4) & ~15, (screen->height_in_pixels / 4) & ~15, PATCH_PX, PATCH_PX};
}

static void draw_flip(void) {
  uint32_t colour = bright ? BRIGHT : DARK;
  if (mode->flips_screen) {
    fill(window, 0, 0, screen->width_in_pixels, screen->height_in_pixels, colour);
  } else {
    struct area p = patch_area();
    fill(window, p.x, p.y, p.w, p.h, colour);
  }
}

static void sync_with_server(void) {
  free(xcb_get_input_focus_reply(connection, xcb_get_input_focus(connection), NULL));
}

static void forget_pending(void) {
  if (pending_sync != 0) xcb_discard_reply(connection, pending_sync);
  pending_sync = 0;
}

static void set_mode(const char *name) {
  const struct mode *wanted = NULL;
  for (size_t i = 0; i < sizeof MODES / sizeof MODES[0]; i += 1)
    if (strcmp(MODES[i].name, name) == 0) wanted = &MODES[i];
  if (wanted == NULL) fail("unknown mode");
  forget_pending();
  mode = wanted;
  bright = 0;
  counter = 0;
  stamp_count = 0;
  int w = screen->width_in_pixels, h = screen->height_in_pixels;
  if (scene != 0) {
    xcb_free_pixmap(connection, scene);
    xcb_free_pixmap(connection, back);
    scene = back = 0;
  }
  if (mode->moves_screen || mode->moves_quarter) {
    moving = mode->moves_screen ? (struct area){0, 0, w, h} : (struct area){w / 2, h / 2, w / 2, h / 2};
    scene = xcb_generate_id(connection);
    back = xcb_generate_id(connection);
    xcb_create_pixmap(connection, screen->root_depth, scene, window, (uint16_t)(moving.w * 2), (uint16_t)moving.h);
    xcb_create_pixmap(connection, screen->root_depth, back, window, (uint16_t)moving.w, (uint16_t)moving.h);
    draw_scene(&moving);
  }
  if (mode->shows_still) {
    /* Off screen first: the whole picture appears at one moment. */
    xcb_pixmap_t picture = xcb_generate_id(connection);
    xcb_create_pixmap(connection, screen->root_depth, picture, window, (uint16_t)w, (uint16_t)h);
    draw_still(picture, w, h);
    xcb_copy_area(connection, picture, window, gc, 0, 0, 0, 0, (uint16_t)w, (uint16_t)h);
    xcb_free_pixmap(connection, picture);
  } else if (!mode->moves_screen) {
    fill(window, 0, 0, w, h, DARK);
  }
  if (mode->flips_patch) draw_flip();
  sync_with_server();
  printf("mode %s %lld\n", mode->name, (long long)now_us());
}

static void on_key(void) {
  if (!mode->flips_screen && !mode->flips_patch) return;
  int64_t received_us = now_us();
  if (delay_us > 0) {
    struct timespec pause = {delay_us / 1000000, delay_us % 1000000 * 1000};
    nanosleep(&pause, NULL);
  }
  bright = !bright;
  draw_flip();
  xcb_flush(connection);
  if (stamp_count < STAMPS_MAX) stamps[stamp_count++] = (struct stamp){1, 0, received_us, now_us()};
}

static void print_stamps(void) {
  for (int i = 0; i < stamp_count; i += 1) {
    const struct stamp *s = &stamps[i];
    if (s->is_key)
      printf("k %lld %lld\n", (long long)s->first_us, (long long)s->second_us);
    else
      printf("f %u %lld %lld\n", s->counter, (long long)s->first_us, (long long)s->second_us);
  }
  forget_pending();
  stamp_count = 0;
  puts("end");
}

static void dump(const char *path) {
  int w = screen->width_in_pixels, h = screen->height_in_pixels;
  xcb_get_image_reply_t *image = xcb_get_image_reply(
    connection, xcb_get_image(connection, XCB_IMAGE_FORMAT_Z_PIXMAP, screen->root, 0, 0, (uint16_t)w, (uint16_t)h, ~0u), NULL);
  if (image == NULL) fail("GetImage failed");
  FILE *file = fopen(path, "wb");
  if (file == NULL) fail("cannot write the dump");
  fwrite(xcb_get_image_data(image), 1, (size_t)xcb_get_image_data_length(image), file);
  fclose(file);
  free(image);
  printf("dump %d %d\n", w, h);
}

static void run_command(char *line) {
  line[strcspn(line, "\n")] = 0;
  if (strncmp(line, "mode ", 5) == 0) {
    set_mode(line + 5);
  } else if (strncmp(line, "delay ", 6) == 0) {
    delay_us = (int64_t)(atof(line + 6) * 1000);
    printf("%s\n", line);
  } else if (strncmp(line, "shift ", 6) == 0) {
    due_us += atoi(line + 6);
    printf("%s\n", line);
  } else if (strcmp(line, "stamps") == 0) {
    print_stamps();
  } else if (strncmp(line, "dump ", 5) == 0) {
    dump(line + 5);
  } else {
    fail("unknown command");
  }
  fflush(stdout);
}

/* Over everything, without a window manager's say, and with the keyboard. */
static void open_window(void) {
  uint32_t values[] = {DARK, 1, XCB_EVENT_MASK_KEY_PRESS | XCB_EVENT_MASK_STRUCTURE_NOTIFY};
  window = xcb_generate_id(connection);
  xcb_create_window(connection, XCB_COPY_FROM_PARENT, window, screen->root, 0, 0, screen->width_in_pixels,
                    screen->height_in_pixels, 0, XCB_WINDOW_CLASS_INPUT_OUTPUT, screen->root_visual,
                    XCB_CW_BACK_PIXEL | XCB_CW_OVERRIDE_REDIRECT | XCB_CW_EVENT_MASK, values);
  xcb_map_window(connection, window);
  xcb_flush(connection);
  for (;;) {
    xcb_generic_event_t *event = xcb_wait_for_event(connection);
    if (event == NULL) fail("the X server is gone");
    int mapped = (event->response_type & 0x7f) == XCB_MAP_NOTIFY;
    free(event);
    if (mapped) break;
  }
  xcb_set_input_focus(connection, XCB_INPUT_FOCUS_POINTER_ROOT, window, XCB_CURRENT_TIME);
  xcb_font_t font = xcb_generate_id(connection);
  xcb_open_font(connection, font, 5, "fixed");
  uint32_t gc_values[] = {font, 0};
  gc = xcb_generate_id(connection);
  xcb_create_gc(connection, gc, window, XCB_GC_FONT | XCB_GC_GRAPHICS_EXPOSURES, gc_values);
  sync_with_server();
}

static void on_event(xcb_generic_event_t *event) {
  if ((event->response_type & 0x7f) == XCB_KEY_PRESS) on_key();
  free(event);
}

/* Each poll may read what the other waits for into XCB's queues: round and round until both are empty. */
static void drain_connection(void) {
  for (int more = 1; more;) {
    more = 0;
    xcb_generic_event_t *event;
    void *reply = NULL;
    while ((event = xcb_poll_for_event(connection)) != NULL) on_event(event);
    if (pending_sync != 0 && xcb_poll_for_reply(connection, pending_sync, &reply, NULL)) {
      stamps[pending_stamp].second_us = now_us();
      pending_sync = 0;
      free(reply);
    }
    if ((event = xcb_poll_for_queued_event(connection)) != NULL) {
      on_event(event);
      more = 1;
    }
  }
  if (xcb_connection_has_error(connection)) fail("the X server is gone");
}

int main(int argc, char **argv) {
  int number = 0;
  connection = xcb_connect(argc > 1 ? argv[1] : NULL, &number);
  if (xcb_connection_has_error(connection)) fail("cannot open the display");
  screen = xcb_setup_roots_iterator(xcb_get_setup(connection)).data;
  open_window();
  printf("ready %d %d\n", screen->width_in_pixels, screen->height_in_pixels);
  fflush(stdout);

  char input[4096];
  size_t input_length = 0;
  due_us = now_us();
  const int64_t period_us = 1000000 / RATE_HZ;
  for (;;) {
    drain_connection();
    int moves = mode->moves_screen || mode->moves_quarter;
    int64_t wait_us = -1;
    if (moves && pending_sync == 0) {
      int64_t at_us = now_us();
      if (at_us >= due_us) {
        draw_frame();
        due_us += period_us;
        if (due_us < at_us) due_us = at_us + period_us;
        continue;
      }
      wait_us = due_us - at_us;
    } else if (!moves) {
      due_us = now_us();
    }
    struct pollfd watched[] = {{xcb_get_file_descriptor(connection), POLLIN, 0}, {0, POLLIN, 0}};
    struct timespec timeout = {wait_us / 1000000, wait_us % 1000000 * 1000};
    ppoll(watched, 2, wait_us < 0 ? NULL : &timeout, NULL);
    if (watched[1].revents == 0) continue;
    ssize_t got = read(0, input + input_length, sizeof input - 1 - input_length);
    if (got <= 0) return 0;
    input_length += (size_t)got;
    input[input_length] = 0;
    char *end;
    while ((end = strchr(input, '\n')) != NULL) {
      char line[4096];
      size_t length = (size_t)(end - input) + 1;
      memcpy(line, input, length);
      line[length] = 0;
      run_command(line);
      memmove(input, end + 1, input_length - length + 1);
      input_length -= length;
    }
  }
}
