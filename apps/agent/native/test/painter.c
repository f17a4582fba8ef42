// SPDX-License-Identifier: GPL-2.0-or-later
// Draws on an X display what tests and benchmarks ask for, one command a line on standard input; answers "ok" with the
// CLOCK_MONOTONIC microseconds at which the server had done it.
//   fill X Y W H RRGGBB        one rectangle
//   text SEED                  the whole screen full of fine coloured text
//   page X Y W H SEED          a rectangle like a page: paragraphs, margins, headings in colour
//   move X Y W H FRAMES FPS    a moving picture: a scrolled pattern and rectangles that cross it
//   stripes N                  N small rectangles in requests of their own, right behind each other

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xcb/xcb.h>

static xcb_connection_t *connection;
static xcb_screen_t *screen;
static xcb_gcontext_t gc;
static xcb_pixmap_t pattern;
static int pattern_width, pattern_height;

static int64_t monotonic_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void done(void) {
  free(xcb_get_input_focus_reply(connection, xcb_get_input_focus(connection), NULL));
}

static uint32_t next_random(uint32_t *state) {
  *state = *state * 1664525 + 1013904223;
  return *state >> 8;
}

static void color(uint32_t rgb) { xcb_change_gc(connection, gc, XCB_GC_FOREGROUND, &rgb); }

static void fill(xcb_drawable_t on, int x, int y, int w, int h, uint32_t rgb) {
  const xcb_rectangle_t rect = {(int16_t)x, (int16_t)y, (uint16_t)w, (uint16_t)h};
  color(rgb);
  xcb_poly_fill_rectangle(connection, on, gc, 1, &rect);
}

static void text(xcb_drawable_t on, int width, int height, uint32_t seed) {
  static const uint32_t inks[] = {0x1a1a1a, 0xb00020, 0x0050b0, 0x007a3d, 0x7a2fa0, 0xc06000};
  char line[256];
  fill(on, 0, 0, width, height, 0xfcfcfc);
  for (int y = 12; y < height; y += 14) {
    for (int x = 4; x < width; x += 6 * 24) {
      for (int i = 0; i < 23; i++) line[i] = (char)(next_random(&seed) % 5 ? 33 + next_random(&seed) % 94 : ' ');
      const uint32_t values[2] = {inks[next_random(&seed) % 6], 0xfcfcfc};
      xcb_change_gc(connection, gc, XCB_GC_FOREGROUND | XCB_GC_BACKGROUND, values);
      xcb_image_text_8(connection, 23, on, gc, (int16_t)x, (int16_t)y, line);
    }
  }
}

static void page(int x, int y, int w, int h, uint32_t seed) {
  char line[256];
  fill(screen->root, x, y, w, h, 0xfafafa);
  for (int top = y + 40, row = 0; top < y + h - 24; top += 18, row++) {
    const uint32_t left = next_random(&seed);
    if (row % 9 == 8) continue;
    const int heading = row % 9 == 0;
    const uint32_t values[2] = {heading ? 0x0050b0 : left % 11 == 0 ? 0xb00020 : 0x202020, 0xfafafa};
    xcb_change_gc(connection, gc, XCB_GC_FOREGROUND | XCB_GC_BACKGROUND, values);
    int letters = (w - 120) / 6;
    if (heading) letters /= 3;
    if (row % 9 == 7) letters = letters * 2 / 3;
    if (letters > 255) letters = 255;
    for (int i = 0, word = 0; i < letters; i++) {
      line[i] = word == 0 ? ' ' : (char)('a' + next_random(&seed) % 26);
      word = word == 0 ? 2 + (int)(next_random(&seed) % 8) : word - 1;
    }
    if (letters > 0) xcb_image_text_8(connection, (uint8_t)letters, screen->root, gc, (int16_t)(x + 60), (int16_t)top, line);
  }
}

static void make_pattern(void) {
  pattern_width = screen->width_in_pixels + 512;
  pattern_height = screen->height_in_pixels + 512;
  pattern = xcb_generate_id(connection);
  xcb_create_pixmap(connection, screen->root_depth, pattern, screen->root, (uint16_t)pattern_width,
                    (uint16_t)pattern_height);
  text(pattern, pattern_width, pattern_height, 7);
  uint32_t seed = 9;
  for (int i = 0; i < 60; i++) {
    const int w = 20 + (int)(next_random(&seed) % 180), h = 20 + (int)(next_random(&seed) % 120);
    fill(pattern, (int)(next_random(&seed) % (uint32_t)(pattern_width - w)),
         (int)(next_random(&seed) % (uint32_t)(pattern_height - h)), w, h, next_random(&seed) & 0xffffff);
  }
}

static void move(int x, int y, int w, int h, int frames, int fps) {
  if (!pattern) make_pattern();
  const int64_t start = monotonic_us();
  for (int frame = 0; frame < frames; frame++) {
    // All of a frame in one buffer and one write: a client that does not tear.
    xcb_copy_area(connection, pattern, screen->root, gc, (int16_t)((frame * 5) % 512), (int16_t)((frame * 3) % 512),
                  (int16_t)x, (int16_t)y, (uint16_t)w, (uint16_t)h);
    for (int k = 0; k < 20; k++) {
      const int bw = w / 12 + k % 5 * 10, bh = h / 12 + k % 7 * 6;
      xcb_copy_area(connection, pattern, screen->root, gc, (int16_t)((k * 31 + frame * 9) % 512),
                    (int16_t)((k * 50 + frame * 4) % 512), (int16_t)(x + (k * 97 + frame * (3 + k % 5)) % (w - bw)),
                    (int16_t)(y + (k * 61 + frame * (2 + k % 3)) % (h - bh)), (uint16_t)bw, (uint16_t)bh);
    }
    xcb_flush(connection);
    const int64_t due = start + (int64_t)(frame + 1) * 1000000 / fps;
    const struct timespec until = {due / 1000000, due % 1000000 * 1000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
  }
}

int main(int count, char **arguments) {
  connection = xcb_connect(count > 1 ? arguments[1] : NULL, NULL);
  if (xcb_connection_has_error(connection)) {
    fprintf(stderr, "no X display\n");
    return 1;
  }
  screen = xcb_setup_roots_iterator(xcb_get_setup(connection)).data;
  const xcb_font_t font = xcb_generate_id(connection);
  xcb_open_font(connection, font, 5, "fixed");
  gc = xcb_generate_id(connection);
  const uint32_t values[3] = {font, XCB_SUBWINDOW_MODE_INCLUDE_INFERIORS, 0};
  xcb_create_gc(connection, gc, screen->root, XCB_GC_FONT | XCB_GC_SUBWINDOW_MODE | XCB_GC_GRAPHICS_EXPOSURES, values);
  char line[256];
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (fgets(line, sizeof line, stdin)) {
    int x, y, w, h, frames, fps;
    unsigned rgb;
    if (sscanf(line, "fill %d %d %d %d %x", &x, &y, &w, &h, &rgb) == 5) {
      fill(screen->root, x, y, w, h, rgb);
    } else if (sscanf(line, "text %u", &rgb) == 1) {
      xcb_get_geometry_reply_t *size =
          xcb_get_geometry_reply(connection, xcb_get_geometry(connection, screen->root), NULL);
      if (size) text(screen->root, size->width, size->height, rgb);
      free(size);
    } else if (sscanf(line, "page %d %d %d %d %u", &x, &y, &w, &h, &rgb) == 5) {
      page(x, y, w, h, rgb);
    } else if (sscanf(line, "move %d %d %d %d %d %d", &x, &y, &w, &h, &frames, &fps) == 6) {
      move(x, y, w, h, frames, fps);
    } else if (sscanf(line, "stripes %d", &frames) == 1) {
      for (int i = 0; i < frames; i++) fill(screen->root, 8 + i % 40 * 30, 8 + i / 40 * 40, 9, 9, 0x208040 + (uint32_t)i);
    } else {
      fprintf(stderr, "unknown command: %s", line);
      return 1;
    }
    done();
    if (xcb_connection_has_error(connection)) return 1;
    printf("ok %lld\n", (long long)monotonic_us());
  }
  return 0;
}
