// SPDX-License-Identifier: GPL-2.0-or-later
// The X display that is captured: see screen.h. To convert.cc, driven by stream.cc.

#include "screen.h"

#include <sys/ipc.h>
#include <sys/shm.h>
#include <xcb/randr.h>

#include <algorithm>
#include <cstring>

#include "clock.h"
#include "display_socket.h"

namespace eglantine {
namespace {

template <typename T>
struct Free {
  void operator()(T* memory) const { free(memory); }
};
template <typename T>
using Reply = std::unique_ptr<T, Free<T>>;

void* const kNoMemory = reinterpret_cast<void*>(-1);  // what shmat returns then

/** Room for the seams between scaled rectangles, which several of them need; as many as cover.cc makes. */
constexpr size_t kSeams = 16;

/** A resize makes the server refuse once or twice. */
constexpr int kMostRefusals = 20;

/** Less is no screen. */
constexpr int kLeastSidePx = 16;

std::string connectionFailure(int code) {
  switch (code) {
    case XCB_CONN_CLOSED_PARSE_ERR:
      return "the display's name can't be read";
    case XCB_CONN_CLOSED_EXT_NOTSUPPORTED:
      return "the X server lacks an extension";
    case XCB_CONN_CLOSED_INVALID_SCREEN:
      return "the X display has no such screen";
    default:
      return "the X server does not answer or refuses the connection";
  }
}

/** Nothing when nobody listens. */
xcb_connection_t* connectScreen(const std::string& display, const std::function<void(int)>& connecting) {
  const int number = localDisplayNumber(display);
  if (number < 0) {
    xcb_connection_t* const connection = xcb_connect(display.c_str(), nullptr);
    if (xcb_connection_has_error(connection) == 0) connecting(xcb_get_file_descriptor(connection));
    return connection;
  }
  const int descriptor = connectDisplay(number);
  if (descriptor < 0) return nullptr;
  connecting(descriptor);
  Access access = findAccess(number);
  xcb_auth_info_t info{int(access.name.size()), access.name.data(), int(access.data.size()), access.data.data()};
  return xcb_connect_to_fd(descriptor, access.name.empty() ? nullptr : &info);
}

}  // namespace

std::unique_ptr<Screen> Screen::open(const std::string& display, const std::function<void(int)>& connecting,
                                     std::string& error) {
  std::unique_ptr<Screen> screen(new Screen());
  screen->connection_ = connectScreen(display, connecting);
  const int code = screen->connection_ == nullptr ? XCB_CONN_ERROR : xcb_connection_has_error(screen->connection_);
  if (code != 0) {
    error = connectionFailure(code);
    return nullptr;
  }
  if (!screen->start(error)) return nullptr;
  return screen;
}

Screen::~Screen() {
  releaseMemory();
  if (connection_ != nullptr) xcb_disconnect(connection_);
}

int Screen::descriptor() const { return xcb_get_file_descriptor(connection_); }

bool Screen::start(std::string& error) {
  xcb_connection_t* const c = connection_;
  root_ = xcb_setup_roots_iterator(xcb_get_setup(c)).data->root;
  const xcb_query_extension_reply_t* const damage = xcb_get_extension_data(c, &xcb_damage_id);
  const xcb_query_extension_reply_t* const fixes = xcb_get_extension_data(c, &xcb_xfixes_id);
  const xcb_query_extension_reply_t* const shm = xcb_get_extension_data(c, &xcb_shm_id);
  const xcb_query_extension_reply_t* const randr = xcb_get_extension_data(c, &xcb_randr_id);
  for (const auto& [name, data] : {std::pair{"DAMAGE", damage}, {"XFIXES", fixes}, {"MIT-SHM", shm}, {"RANDR", randr}}) {
    if (data != nullptr && data->present) continue;
    error = std::string("the X server lacks the extension ") + name;
    return false;
  }
  damageEvent_ = damage->first_event;
  randrEvent_ = randr->first_event;
  const auto fixesCookie = xcb_xfixes_query_version(c, 5, 0);
  const auto damageCookie = xcb_damage_query_version(c, 1, 1);
  Reply<xcb_xfixes_query_version_reply_t>(xcb_xfixes_query_version_reply(c, fixesCookie, nullptr));
  Reply<xcb_damage_query_version_reply_t>(xcb_damage_query_version_reply(c, damageCookie, nullptr));

  xcb_randr_select_input(c, root_, XCB_RANDR_NOTIFY_MASK_SCREEN_CHANGE);
  const uint32_t mask = XCB_EVENT_MASK_STRUCTURE_NOTIFY;
  xcb_change_window_attributes(c, root_, XCB_CW_EVENT_MASK, &mask);
  // One event when the screen first differs from what was fetched, then silence until the damage is taken: the report
  // with the fewest events and, with the taking, one round trip per frame.
  damage_ = xcb_generate_id(c);
  xcb_damage_create(c, damage_, root_, XCB_DAMAGE_REPORT_LEVEL_NON_EMPTY);
  region_ = xcb_generate_id(c);
  xcb_xfixes_create_region(c, region_, 0, nullptr);
  if (!readGeometry(error)) return false;
  resized_ = true;
  damageAll();
  return true;
}

bool Screen::readGeometry(std::string& error) {
  Reply<xcb_get_geometry_reply_t> geometry(
      xcb_get_geometry_reply(connection_, xcb_get_geometry(connection_, root_), nullptr));
  if (!geometry) {
    error = "the X server went away";
    return false;
  }
  if (geometry->depth != 24 && geometry->depth != 32) {
    error = "the screen has a colour depth of " + std::to_string(geometry->depth) + ", only 24 can be captured";
    return false;
  }
  // NV12 has one chroma sample for two pixels: an odd last column or row is not captured.
  screenWidthPx_ = geometry->width & ~1;
  screenHeightPx_ = geometry->height & ~1;
  if (screenWidthPx_ < kLeastSidePx || screenHeightPx_ < kLeastSidePx) {
    error = "the screen is too small to be captured";
    return false;
  }
  return adoptRegion(error);
}

bool Screen::setRegion(const Rect& region, std::string& error) {
  wanted_ = region;
  return adoptRegion(error);
}

bool Screen::adoptRegion(std::string& error) {
  Rect part{0, 0, screenWidthPx_, screenHeightPx_};
  const bool wasBeyond = beyond_;
  beyond_ = false;
  if (wanted_.width > 0) {
    const int left = std::clamp(wanted_.x, 0, screenWidthPx_), top = std::clamp(wanted_.y, 0, screenHeightPx_);
    const int right = std::clamp(wanted_.x + wanted_.width, left, screenWidthPx_);
    const int bottom = std::clamp(wanted_.y + wanted_.height, top, screenHeightPx_);
    part = {left, top, (right - left) & ~1, (bottom - top) & ~1};
    beyond_ = part.width < kLeastSidePx || part.height < kLeastSidePx;
    // The picture keeps its size until there is something to fetch again.
    if (beyond_) part = {0, 0, std::max(kLeastSidePx, wanted_.width & ~1), std::max(kLeastSidePx, wanted_.height & ~1)};
  }
  const bool moved = part.x != originX_ || part.y != originY_;
  const bool resized = part.width != widthPx_ || part.height != heightPx_;
  originX_ = part.x;
  originY_ = part.y;
  if (moved || resized || wasBeyond) damageAll();
  if (!resized) return true;
  widthPx_ = part.width;
  heightPx_ = part.height;
  resized_ = true;
  return shareMemory(error);
}

bool Screen::shareMemory(std::string& error) {
  const size_t width = size_t(widthPx_), height = size_t(heightPx_);
  const size_t bytes = (width * height + kSeams * 2 * (width + height + 2)) * 4;
  if (bytes <= memoryBytes_) return true;
  releaseMemory();
  const int id = shmget(IPC_PRIVATE, bytes, IPC_CREAT | 0600);
  void* const memory = id < 0 ? kNoMemory : shmat(id, nullptr, 0);
  if (memory == kNoMemory) {
    if (id >= 0) shmctl(id, IPC_RMID, nullptr);
    error = std::string("no shared memory: ") + strerror(errno);
    return false;
  }
  memory_ = static_cast<uint8_t*>(memory);
  memoryBytes_ = bytes;
  segment_ = xcb_generate_id(connection_);
  Reply<xcb_generic_error_t> refusal(
      xcb_request_check(connection_, xcb_shm_attach_checked(connection_, segment_, uint32_t(id), 0)));
  // Both sides are attached: the segment goes when they do.
  shmctl(id, IPC_RMID, nullptr);
  if (refusal || xcb_connection_has_error(connection_) != 0) {
    segment_ = 0;
    error = "the X server can't attach shared memory: it does not run on this machine or in this IPC namespace";
    return false;
  }
  return true;
}

void Screen::releaseMemory() {
  if (segment_ != 0) xcb_shm_detach(connection_, segment_);
  if (memory_ != nullptr) shmdt(memory_);
  segment_ = 0;
  memory_ = nullptr;
  memoryBytes_ = 0;
}

void Screen::damageAll() {
  wholeDamaged_ = true;
  if (damagedAtUs_ == 0) damagedAtUs_ = monotonicUs();
}

bool Screen::readEvents(std::string& error) {
  // Waiting for a reply, XCB may read events and keep them where no poll of the descriptor sees them: every round trip
  // here is followed by another drain, and one in `grab` by the call of this that the stream makes before it waits.
  while (drainEvents(error)) {
    if (!geometryStale_) return true;
    geometryStale_ = false;
    if (!readGeometry(error)) return false;
  }
  return false;
}

bool Screen::drainEvents(std::string& error) {
  while (Reply<xcb_generic_event_t> event{xcb_poll_for_event(connection_)}) {
    const uint8_t type = event->response_type & 0x7f;
    if (type == damageEvent_ + XCB_DAMAGE_NOTIFY) {
      if (damagedAtUs_ == 0) damagedAtUs_ = monotonicUs();
    } else if (type == randrEvent_ + XCB_RANDR_SCREEN_CHANGE_NOTIFY || type == XCB_CONFIGURE_NOTIFY) {
      geometryStale_ = true;
    }
  }
  if (xcb_connection_has_error(connection_) == 0) return true;
  error = "the X server went away";
  return false;
}

bool Screen::takeResize() {
  const bool resized = resized_;
  resized_ = false;
  return resized;
}

std::vector<Rect> Screen::takeDamage() {
  xcb_damage_subtract(connection_, damage_, XCB_NONE, region_);
  Reply<xcb_xfixes_fetch_region_reply_t> reply(
      xcb_xfixes_fetch_region_reply(connection_, xcb_xfixes_fetch_region(connection_, region_), nullptr));
  std::vector<Rect> damage;
  if (!reply) return damage;
  const xcb_rectangle_t* const rects = xcb_xfixes_fetch_region_rectangles(reply.get());
  const int count = xcb_xfixes_fetch_region_rectangles_length(reply.get());
  damage.reserve(size_t(count) + 1);
  for (int i = 0; i < count; i++) {
    // Of a screen with several monitors most may lie on another one.
    const int left = std::max(rects[i].x - originX_, 0), top = std::max(rects[i].y - originY_, 0);
    const int right = std::min(rects[i].x + rects[i].width - originX_, widthPx_);
    const int bottom = std::min(rects[i].y + rects[i].height - originY_, heightPx_);
    if (left < right && top < bottom) damage.push_back({left, top, right - left, bottom - top});
  }
  return damage;
}

Screen::Grab Screen::grab(const Scaler& scaler, std::vector<Part>& parts, std::string& error) {
  parts.clear();
  std::vector<Rect> damage = takeDamage();
  if (beyond_) {
    // `damageAll` follows when it is not any more.
    damagedAtUs_ = 0;
    return Grab::done;
  }
  if (wholeDamaged_) damage.assign(1, Rect{0, 0, widthPx_, heightPx_});
  for (Rect& rect : damage) rect = scaler.codedOf(rect);
  const std::vector<Rect> cover = coverMacroblocks(damage, scaler.widthPx(), scaler.heightPx());

  std::vector<xcb_shm_get_image_cookie_t> cookies;
  uint32_t offset = 0;
  for (const Rect& rect : cover) {
    const Rect source = scaler.sourceOf(rect);
    cookies.push_back(xcb_shm_get_image(connection_, root_, int16_t(originX_ + source.x), int16_t(originY_ + source.y),
                                        uint16_t(source.width), uint16_t(source.height), ~0U, XCB_IMAGE_FORMAT_Z_PIXMAP,
                                        segment_, offset));
    parts.push_back({rect, memory_ + offset, source.width * 4});
    offset += uint32_t(source.width) * uint32_t(source.height) * 4;
  }
  bool refused = false;
  for (const auto& cookie : cookies) {
    xcb_generic_error_t* problem = nullptr;
    Reply<xcb_shm_get_image_reply_t> reply(xcb_shm_get_image_reply(connection_, cookie, &problem));
    if (!reply) refused = true;
    free(problem);
  }
  if (xcb_connection_has_error(connection_) != 0) {
    error = "the X server went away";
    return Grab::lost;
  }
  if (refused && ++refusals_ > kMostRefusals) {
    error = "the X server refuses to hand out its pixels";
    return Grab::lost;
  }
  if (refused) {
    // The screen has shrunk between its event and the request. Its new size is on the way; ask for it anyway.
    geometryStale_ = true;
    wholeDamaged_ = true;
    return Grab::stale;
  }
  refusals_ = 0;
  wholeDamaged_ = false;
  damagedAtUs_ = 0;
  return Grab::done;
}

}  // namespace eglantine
