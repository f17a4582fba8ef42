// SPDX-License-Identifier: GPL-2.0-or-later
// The picture that says what is wrong, instead of black. From stream.cc (the reason), to convert.cc.

#include "card.h"

#include <cairo/cairo.h>

#include <sstream>

namespace eglantine {
namespace {

constexpr double kLeftPx = 120;
constexpr double kRightPx = Card::kWidthPx - 120;

/** Draws a text broken into lines between the margins; returns the next line's base. */
double drawText(cairo_t* cairo, const std::string& text, double basePx, double linePx) {
  std::istringstream words(text);
  std::string line, word;
  cairo_text_extents_t extents;
  while (words >> word) {
    const std::string longer = line.empty() ? word : line + " " + word;
    cairo_text_extents(cairo, longer.c_str(), &extents);
    if (kLeftPx + extents.x_advance > kRightPx && !line.empty()) {
      cairo_move_to(cairo, kLeftPx, basePx);
      cairo_show_text(cairo, line.c_str());
      basePx += linePx;
      line = word;
    } else {
      line = longer;
    }
  }
  cairo_move_to(cairo, kLeftPx, basePx);
  cairo_show_text(cairo, line.c_str());
  return basePx + linePx;
}

}  // namespace

Card drawCard(const std::string& display, const std::string& reason) {
  Card card;
  card.stride = cairo_format_stride_for_width(CAIRO_FORMAT_RGB24, Card::kWidthPx);
  card.pixels.resize(size_t(card.stride) * Card::kHeightPx);
  cairo_surface_t* const surface = cairo_image_surface_create_for_data(
      card.pixels.data(), CAIRO_FORMAT_RGB24, Card::kWidthPx, Card::kHeightPx, card.stride);
  cairo_t* const cairo = cairo_create(surface);
  cairo_set_source_rgb(cairo, 0.11, 0.12, 0.15);
  cairo_paint(cairo);
  cairo_set_source_rgb(cairo, 0.85, 0.35, 0.45);
  cairo_rectangle(cairo, kLeftPx, 200, 64, 6);
  cairo_fill(cairo);

  cairo_set_source_rgb(cairo, 0.95, 0.95, 0.96);
  cairo_select_font_face(cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
  cairo_set_font_size(cairo, 40);
  double base = drawText(cairo, "The desktop can't be shown right now", 270, 52) + 8;
  cairo_select_font_face(cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(cairo, 26);
  cairo_set_source_rgb(cairo, 0.80, 0.81, 0.84);
  base = drawText(cairo, "X display " + display + ": " + reason + ".", base, 38) + 8;
  drawText(cairo, "It is tried again every second; this picture goes as soon as the desktop is back.", base, 38);

  cairo_destroy(cairo);
  cairo_surface_flush(surface);
  cairo_surface_destroy(surface);
  return card;
}

}  // namespace eglantine
