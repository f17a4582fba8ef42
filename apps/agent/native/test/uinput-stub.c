// SPDX-License-Identifier: GPL-2.0-or-later
// A stand-in for /dev/uinput, loaded in front of the agent (LD_PRELOAD). Opening it gives one end of a socket; what is asked of it by
// ioctl goes to the file named by UINPUT_STUB_LOG, one call a line, with a line "FAULT …" for what the kernel would refuse or forget:
// order, ranges, an upload that is never answered. Once a device with force feedback is made, it plays a program: uploads an effect, plays it,
// uploads one of a kind that can't be had, erases the first. UINPUT_STUB_NO_CREATE=1 refuses UI_DEV_CREATE.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/uinput.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RUMBLE_REQUEST = 7, SPRING_REQUEST = 8, ERASE_REQUEST = 9, EFFECT = 3 };

static int agent_ = -1, program_ = -1, created_, described_, began_, effects_;

static void note(const char *format, ...) {
  FILE *log = fopen(getenv("UINPUT_STUB_LOG"), "a");
  va_list arguments;
  va_start(arguments, format);
  vfprintf(log, format, arguments);
  va_end(arguments);
  fputc('\n', log);
  fclose(log);
}

static void say(unsigned type, unsigned code, int value) {
  struct input_event event;
  memset(&event, 0, sizeof event);
  event.type = (__u16)type;
  event.code = (__u16)code;
  event.value = value;
  if (write(program_, &event, sizeof event) != (ssize_t)sizeof event) note("FAULT the agent takes no events");
}

static int open_stub(void) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) return -1;
  agent_ = ends[0];
  program_ = ends[1];
  created_ = described_ = began_ = 0;
  note("open");
  return agent_;
}

static int asked(unsigned long request, void *argument) {
  const int number = (int)(long)argument;
  if (request != UI_DEV_DESTROY && request != UI_BEGIN_FF_UPLOAD && request != UI_END_FF_UPLOAD && request != UI_BEGIN_FF_ERASE &&
      request != UI_END_FF_ERASE && created_) {
    note("FAULT the device is there already");
  }
  switch (request) {
    case UI_SET_EVBIT: note("type %d", number); return 0;
    case UI_SET_KEYBIT: note("key %#x", number); return 0;
    case UI_SET_FFBIT: note("force %#x", number); return 0;
    case UI_SET_ABSBIT: note("axis %d", number); return 0;
    case UI_SET_PROPBIT: note("prop %d", number); return 0;
    case UI_SET_PHYS: note("phys %s", (const char *)argument); return 0;
    case UI_ABS_SETUP: {
      const struct uinput_abs_setup *setup = argument;
      const struct input_absinfo *range = &setup->absinfo;
      if (range->minimum >= range->maximum) note("FAULT range of axis %d", setup->code);
      note("range %d %d..%d fuzz %d flat %d resolution %d", setup->code, range->minimum, range->maximum, range->fuzz, range->flat,
           range->resolution);
      return 0;
    }
    case UI_DEV_SETUP: {
      const struct uinput_setup *setup = argument;
      described_ = 1;
      effects_ = (int)setup->ff_effects_max;
      note("setup %04x:%04x bus %d version %x effects %u %s", setup->id.vendor, setup->id.product, setup->id.bustype,
           setup->id.version, setup->ff_effects_max, setup->name);
      return 0;
    }
    case UI_DEV_CREATE:
      if (!described_) note("FAULT created before it was described");
      if (getenv("UINPUT_STUB_NO_CREATE") != NULL) {
        errno = ENOMEM;
        return -1;
      }
      created_ = 1;
      note("create");
      if (effects_ == 0) return 0;
      say(EV_UINPUT, UI_FF_UPLOAD, RUMBLE_REQUEST);
      say(EV_FF, EFFECT, 2);
      say(EV_FF, FF_GAIN, 0x8000);
      say(EV_UINPUT, UI_FF_UPLOAD, SPRING_REQUEST);
      say(EV_UINPUT, UI_FF_ERASE, ERASE_REQUEST);
      return 0;
    case UI_BEGIN_FF_UPLOAD: {
      struct uinput_ff_upload *upload = argument;
      began_++;
      memset(&upload->effect, 0, sizeof upload->effect);
      upload->effect.id = EFFECT;
      upload->effect.type = upload->request_id == RUMBLE_REQUEST ? FF_RUMBLE : FF_SPRING;
      upload->effect.u.rumble.strong_magnitude = 0xffff;
      upload->effect.u.rumble.weak_magnitude = 0x1234;
      upload->effect.replay.length = 500;
      upload->effect.replay.delay = 20;
      return 0;
    }
    case UI_END_FF_UPLOAD:
      if (began_-- != 1) note("FAULT an upload ends that did not begin");
      note("upload %u answered %d", ((struct uinput_ff_upload *)argument)->request_id,
           ((struct uinput_ff_upload *)argument)->retval);
      return 0;
    case UI_BEGIN_FF_ERASE:
      began_++;
      ((struct uinput_ff_erase *)argument)->effect_id = EFFECT;
      return 0;
    case UI_END_FF_ERASE:
      if (began_-- != 1) note("FAULT an erasing ends that did not begin");
      note("erase %u answered %d", ((struct uinput_ff_erase *)argument)->request_id, ((struct uinput_ff_erase *)argument)->retval);
      return 0;
    case UI_DEV_DESTROY: {
      struct input_event event;
      while (read(program_, &event, sizeof event) == (ssize_t)sizeof event) note("event %d %d %d", event.type, event.code, event.value);
      note("destroy");
      close(program_);
      agent_ = -1;
      return 0;
    }
    default: note("FAULT ioctl %#lx", request); return 0;
  }
}

int ioctl(int fd, unsigned long request, ...) {
  va_list arguments;
  va_start(arguments, request);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  if (fd >= 0 && fd == agent_ && _IOC_TYPE(request) == UINPUT_IOCTL_BASE) return asked(request, argument);
  static int (*real)(int, unsigned long, ...);
  if (real == NULL) real = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
  return real(fd, request, argument);
}

static int opened(const char *name, const char *path, int flags, mode_t mode) {
  if (strcmp(path, "/dev/uinput") == 0) return open_stub();
  int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name);
  return real(path, flags, mode);
}

int open(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return opened("open", path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return opened("open64", path, flags, mode);
}
