// SPDX-License-Identifier: GPL-2.0-or-later
// A gamepad or a tablet of the kernel: see uinput_device.h. Next: the programs of the desktop, by way of /dev/input.

#include "uinput_device.h"

#include <fcntl.h>
#include <linux/uinput.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

namespace eglantine {
namespace {

/** linux/drivers/input/ff-memless.c keeps as many. */
constexpr int kEffects = 16;

[[noreturn]] void refuse(const char* step) { throw std::system_error(errno, std::generic_category(), step); }

template <typename Argument>
void ask(int fd, unsigned long request, Argument argument, const char* step) {
  if (ioctl(fd, request, argument) < 0) refuse(step);
}

void describe(int fd, const DeviceDescription& description) {
  for (const int type : {EV_KEY, EV_ABS}) ask(fd, UI_SET_EVBIT, type, "UI_SET_EVBIT");
  if (!description.force.empty()) ask(fd, UI_SET_EVBIT, EV_FF, "UI_SET_EVBIT");
  for (const int prop : description.props) ask(fd, UI_SET_PROPBIT, prop, "UI_SET_PROPBIT");
  for (const int key : description.keys) ask(fd, UI_SET_KEYBIT, key, "UI_SET_KEYBIT");
  for (const int effect : description.force) ask(fd, UI_SET_FFBIT, effect, "UI_SET_FFBIT");
  for (const auto& axis : description.axes) {
    uinput_abs_setup setup{};
    setup.code = static_cast<__u16>(axis.code);
    setup.absinfo.minimum = axis.minimum;
    setup.absinfo.maximum = axis.maximum;
    setup.absinfo.fuzz = axis.fuzz;
    setup.absinfo.flat = axis.flat;
    setup.absinfo.resolution = axis.resolution;
    ask(fd, UI_SET_ABSBIT, axis.code, "UI_SET_ABSBIT");
    ask(fd, UI_ABS_SETUP, &setup, "UI_ABS_SETUP");
  }
  ask(fd, UI_SET_PHYS, description.phys.c_str(), "UI_SET_PHYS");
  uinput_setup setup{};
  setup.id = description.id;
  strncpy(setup.name, description.name.c_str(), sizeof setup.name - 1);
  setup.ff_effects_max = description.force.empty() ? 0 : kEffects;
  ask(fd, UI_DEV_SETUP, &setup, "UI_DEV_SETUP");
  ask(fd, UI_DEV_CREATE, 0, "UI_DEV_CREATE");
}

}  // namespace

UinputDevice::UinputDevice(const DeviceDescription& description) {
  fd_ = open("/dev/uinput", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd_ < 0) refuse("/dev/uinput");
  try {
    describe(fd_, description);
  } catch (...) {
    ::close(fd_);
    throw;
  }
}

/** The kernel unplugs the device with its descriptor; what the agent's death would do, too. */
UinputDevice::~UinputDevice() {
  ioctl(fd_, UI_DEV_DESTROY);
  ::close(fd_);
}

bool UinputDevice::write(const std::vector<input_event>& events) {
  const auto bytes = static_cast<ssize_t>(events.size() * sizeof(input_event));
  return ::write(fd_, events.data(), static_cast<size_t>(bytes)) == bytes;
}

void UinputDevice::read(const OnForce& onForce) {
  input_event event;
  while (::read(fd_, &event, sizeof event) == static_cast<ssize_t>(sizeof event)) {
    if (event.type == EV_FF) onForce(EV_FF, event.code, event.value);
    else if (event.type == EV_UINPUT && event.code == UI_FF_UPLOAD) answerUpload(event.value, onForce);
    else if (event.type == EV_UINPUT && event.code == UI_FF_ERASE) answerErase(event.value, onForce);
  }
}

void UinputDevice::answerUpload(int request, const OnForce& onForce) {
  uinput_ff_upload upload{};
  upload.request_id = static_cast<__u32>(request);
  if (ioctl(fd_, UI_BEGIN_FF_UPLOAD, &upload) < 0) return;
  const ff_effect& effect = upload.effect;
  unsigned strong = 0;
  unsigned weak = 0;
  if (effect.type == FF_RUMBLE) {
    strong = effect.u.rumble.strong_magnitude;
    weak = effect.u.rumble.weak_magnitude;
  } else if (effect.type == FF_PERIODIC) {
    // As ff-memless.c makes them rumble.
    strong = weak = std::min(0xffffu, static_cast<unsigned>(std::abs(effect.u.periodic.magnitude)) * 2);
  } else {
    upload.retval = -EINVAL;
  }
  if (upload.retval == 0) {
    onForce(kForceLevels, effect.id, static_cast<int>(strong << 16 | weak));
    onForce(kForceReplay, effect.id, static_cast<int>(static_cast<unsigned>(effect.replay.length) << 16 | effect.replay.delay));
  }
  ioctl(fd_, UI_END_FF_UPLOAD, &upload);
}

void UinputDevice::answerErase(int request, const OnForce& onForce) {
  uinput_ff_erase erase{};
  erase.request_id = static_cast<__u32>(request);
  if (ioctl(fd_, UI_BEGIN_FF_ERASE, &erase) < 0) return;
  onForce(kForceErase, static_cast<int>(erase.effect_id), 0);
  ioctl(fd_, UI_END_FF_ERASE, &erase);
}

}  // namespace eglantine
