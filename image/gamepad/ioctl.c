/* ioctl() on a gamepad, as Linux' evdev.c and joydev.c answer it. Force feedback is in force.c; anything else passes by. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/input.h>
#include <linux/joystick.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>

#include "device.h"
#include "force.h"
#include "pad_file.h"
#include "real.h"

/* Returns what the kernel does: how much was copied. */
static int copy(void *to, size_t room, const void *from, size_t bytes) {
  const size_t copied = bytes < room ? bytes : room;
  memcpy(to, from, copied);
  return (int)copied;
}

static int copy_text(void *to, size_t room, const char *text) { return copy(to, room, text, strlen(text) + 1); }

static int refuse(int error) {
  errno = error;
  return -1;
}

/* Which codes of a type of event there are. */
static int copy_codes(const struct pad_file *pad, unsigned type, void *to, size_t room) {
  static const uint8_t none[96];
  switch (type) {
    case 0: return copy(to, room, pad->types, sizeof pad->types);
    case EV_KEY: return copy(to, room, pad->keys, sizeof pad->keys);
    case EV_ABS: return copy(to, room, pad->axes, sizeof pad->axes);
    case EV_FF: return copy(to, room, pad->force, sizeof pad->force);
    case EV_REL: return copy(to, room, none, 8);
    case EV_MSC: return copy(to, room, none, 8);
    case EV_SW: return copy(to, room, none, 8);
    case EV_LED: return copy(to, room, none, 8);
    case EV_SND: return copy(to, room, none, 8);
    default: return refuse(EINVAL);
  }
}

static int event_ioctl(int fd, const struct pad_file *pad, unsigned long request, void *argument) {
  const size_t room = _IOC_SIZE(request);
  const unsigned number = _IOC_NR(request);
  static const uint8_t none[8];
  switch (request) {
    case EVIOCGVERSION: *(int *)argument = EV_VERSION; return 0;
    case EVIOCGID: {
      const struct input_id id = {.bustype = pad->bus, .vendor = pad->vendor, .product = pad->product, .version = pad->version};
      memcpy(argument, &id, sizeof id);
      return 0;
    }
    case EVIOCGEFFECTS: *(int *)argument = FORCE_EFFECTS; return 0;
    case EVIOCSFF: return force_upload(fd, argument);
    case EVIOCRMFF: return force_erase(fd, (int)(intptr_t)argument);
    case EVIOCSCLOCKID: device_send(fd, DEVICE_CLOCK, 0, *(int *)argument); return 0;
    /* Everybody who has the pad open goes on hearing it: nothing on this desktop needs one for itself alone. */
    case EVIOCGRAB: return 0;
    case EVIOCGREP: return refuse(ENOSYS);
  }
  if (_IOC_DIR(request) != _IOC_READ) return refuse(EINVAL);
  if (number >= _IOC_NR(EVIOCGABS(0)) && number < _IOC_NR(EVIOCGABS(ABS_CNT))) {
    const unsigned code = number - _IOC_NR(EVIOCGABS(0));
    if ((pad->axes[code / 8] & (1 << (code % 8))) == 0) return refuse(EINVAL);
    copy(argument, room, &pad->axis[code], sizeof pad->axis[code]);
    return 0;
  }
  if (number >= _IOC_NR(EVIOCGBIT(0, 0)) && number < _IOC_NR(EVIOCGBIT(EV_CNT, 0))) {
    return copy_codes(pad, number - _IOC_NR(EVIOCGBIT(0, 0)), argument, room);
  }
  switch (number) {
    case _IOC_NR(EVIOCGNAME(0)): return copy_text(argument, room, pad->name);
    case _IOC_NR(EVIOCGPHYS(0)): return copy_text(argument, room, pad->phys);
    case _IOC_NR(EVIOCGUNIQ(0)): return refuse(ENOENT);
    case _IOC_NR(EVIOCGPROP(0)): return copy(argument, room, none, sizeof none);
    case _IOC_NR(EVIOCGKEY(0)): return copy(argument, room, pad->held, sizeof pad->held);
    case _IOC_NR(EVIOCGLED(0)):
    case _IOC_NR(EVIOCGSND(0)):
    case _IOC_NR(EVIOCGSW(0)): return copy(argument, room, none, sizeof none);
    default: return refuse(EINVAL);
  }
}

/* How joydev.c makes the raw values of that axis those of the jsN events, which the agent has done already. */
static struct js_corr correction(const struct pad_file *pad, unsigned axis) {
  const __typeof__(pad->axis[0]) *range = &pad->axis[pad->js_axis[axis]];
  const int middle = (range->maximum + range->minimum) / 2;
  const int reach = (range->maximum - range->minimum) / 2 - 2 * range->flat;
  const int slope = reach == 0 ? 0 : (1 << 29) / reach;
  return (struct js_corr){
      .prec = (__s16)range->fuzz,
      .type = reach == 0 ? JS_CORR_NONE : JS_CORR_BROKEN,
      .coef = {middle - range->flat, middle + range->flat, slope, slope},
  };
}

static int js_ioctl(const struct pad_file *pad, unsigned long request, void *argument) {
  switch (request) {
    case JSIOCGVERSION: *(__u32 *)argument = JS_VERSION; return 0;
    case JSIOCGAXES: *(__u8 *)argument = (__u8)pad->js_axes; return 0;
    case JSIOCGBUTTONS: *(__u8 *)argument = (__u8)pad->js_buttons; return 0;
    case JSIOCGCORR:
      for (unsigned axis = 0; axis < pad->js_axes; axis++) ((struct js_corr *)argument)[axis] = correction(pad, axis);
      return 0;
    case JSIOCGAXMAP: return copy(argument, _IOC_SIZE(request), pad->js_axis, sizeof pad->js_axis);
    case JSIOCGBTNMAP: return copy(argument, _IOC_SIZE(request), pad->js_button, sizeof pad->js_button);
    /* The agent's own values stay as they are. */
    case JSIOCSCORR:
    case JSIOCSAXMAP:
    case JSIOCSBTNMAP: return 0;
  }
  if (_IOC_NR(request) == _IOC_NR(JSIOCGNAME(0))) return copy_text(argument, _IOC_SIZE(request), pad->name);
  return refuse(EINVAL);
}

INTERPOSED int ioctl(int fd, unsigned long request, ...) {
  va_list arguments;
  va_start(arguments, request);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  /* On 32 bits some programs give a number whose highest bit has become a sign. */
  request &= 0xffffffffu;
  struct pad_node node;
  /* Two letters of the alphabet of ioctls: whatever else a program asks never costs it more than this. */
  const bool may_be_ours = _IOC_TYPE(request) == 'E' || _IOC_TYPE(request) == 'j';
  if (!may_be_ours || !device_of(fd, &node)) return REAL(ioctl)(fd, request, argument);
  struct pad_file pad;
  if (!pad_file_read(node.index, &pad)) return refuse(ENODEV);
  if (node.kind == PAD_JS) return js_ioctl(&pad, request, argument);
  return event_ioctl(fd, &pad, request, argument);
}
