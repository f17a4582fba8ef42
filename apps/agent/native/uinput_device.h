// SPDX-License-Identifier: GPL-2.0-or-later
// A gamepad or a tablet of the kernel, made through /dev/uinput (Documentation/input/uinput.rst). To uinput_door.cc.
#pragma once

#include <linux/input.h>

#include <functional>
#include <string>
#include <vector>

namespace eglantine {

struct DeviceDescription {
  std::string name;
  std::string phys;
  input_id id{};
  std::vector<int> keys;
  struct Axis {
    int code, minimum, maximum, fuzz, flat, resolution;
  };
  std::vector<Axis> axes;
  std::vector<int> force;
  std::vector<int> props;
};

/** Types of the events that stand for an upload, as in image/gamepad/device.h; the kernel's own end at 0x1f. */
enum ForceEvent : int { kForceLevels = 0x7001, kForceReplay = 0x7002, kForceErase = 0x7003 };

class UinputDevice {
 public:
  using OnForce = std::function<void(int type, int code, int value)>;

  /** Throws std::system_error, whose words name the step that was refused. */
  explicit UinputDevice(const DeviceDescription& description);
  ~UinputDevice();
  UinputDevice(const UinputDevice&) = delete;
  UinputDevice& operator=(const UinputDevice&) = delete;

  /** To be polled: readable when programs have said something. */
  int fd() const { return fd_; }
  /** False: the kernel took not all of it. */
  bool write(const std::vector<input_event>& events);
  /** All that programs have said since: what they play, and uploads, which they wait for an answer to. */
  void read(const OnForce& onForce);

 private:
  void answerUpload(int request, const OnForce& onForce);
  void answerErase(int request, const OnForce& onForce);

  int fd_ = -1;
};

}  // namespace eglantine
