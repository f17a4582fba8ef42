// SPDX-License-Identifier: GPL-2.0-or-later
// The X display that is captured: what of it changed (XDamage), its size (RandR), its pixels (MIT-SHM). To convert.cc,
// driven by stream.cc. XCB, not Xlib: an error of the server is a return value here, in Xlib it ends the process.
#pragma once

#include <xcb/damage.h>
#include <xcb/shm.h>
#include <xcb/xcb.h>
#include <xcb/xfixes.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "picture.h"
#include "scale.h"

namespace eglantine {

class Screen {
 public:
  /**
   * Connects, or says why not and returns nothing. `connecting` is given the descriptor before anything waits for the
   * server: shutting it down ends the wait. A display on another machine is connected to first.
   */
  static std::unique_ptr<Screen> open(const std::string& display, const std::function<void(int)>& connecting,
                                      std::string& error);
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  int descriptor() const;
  /** The part of the screen that counts from now on, as one monitor of several; one without a size: all of it. */
  bool setRegion(const Rect& region, std::string& error);
  /** Of what is captured: the screen, or its part. */
  int widthPx() const { return widthPx_; }
  int heightPx() const { return heightPx_; }

  /** Reads all that the server has sent; to be called before each wait for the descriptor. False: the connection is over, `error` says why. */
  bool readEvents(std::string& error);
  /** When the oldest damage was read that has not been grabbed yet; 0 without any. */
  int64_t damagedAtUs() const { return damagedAtUs_; }
  /** What is captured has another size than when this was last asked. Its new size is in force then. */
  bool takeResize();
  /** All of the screen counts as damaged. */
  void damageAll();

  struct Part {
    /** Of the coded picture. */
    Rect rect;
    /** Of `scaler.sourceOf(rect)`. */
    const uint8_t* pixels;
    int stride;
  };
  enum class Grab { done, stale, lost };
  /**
   * Fetches the damaged parts, rectangles on macroblock corners of the coded picture that do not overlap, in two round trips.
   * They are valid until the next call. `stale`: the server refused, as it does in the middle of a resize; read the events and come back.
   */
  Grab grab(const Scaler& scaler, std::vector<Part>& parts, std::string& error);

 private:
  Screen() = default;
  bool start(std::string& error);
  bool drainEvents(std::string& error);
  bool readGeometry(std::string& error);
  bool adoptRegion(std::string& error);
  bool shareMemory(std::string& error);
  void releaseMemory();
  std::vector<Rect> takeDamage();

  xcb_connection_t* connection_ = nullptr;
  xcb_window_t root_ = 0;
  uint8_t damageEvent_ = 0;
  uint8_t randrEvent_ = 0;
  xcb_damage_damage_t damage_ = 0;
  xcb_xfixes_region_t region_ = 0;
  xcb_shm_seg_t segment_ = 0;
  uint8_t* memory_ = nullptr;
  size_t memoryBytes_ = 0;
  int screenWidthPx_ = 0;
  int screenHeightPx_ = 0;
  Rect wanted_;
  /** Where on the screen what is captured lies. */
  int originX_ = 0;
  int originY_ = 0;
  int widthPx_ = 0;
  int heightPx_ = 0;
  /** The part lies beyond the screen, as in the middle of a change of both: there is nothing to fetch. */
  bool beyond_ = false;
  bool geometryStale_ = false;
  bool resized_ = false;
  bool wholeDamaged_ = true;
  int64_t damagedAtUs_ = 0;
  int refusals_ = 0;
};

/** Covers damage with few rectangles on macroblock corners that do not overlap, clipped to the size. */
std::vector<Rect> coverMacroblocks(const std::vector<Rect>& damage, int widthPx, int heightPx);

}  // namespace eglantine
