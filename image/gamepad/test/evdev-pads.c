/*
 * Gamepads by the kernel's own calls, for 32- and 64-bit programs alike. Driven by image/gamepad.test.ts.
 *
 *   look       what /dev/input and /sys hold, and what a pad says of itself, a line each
 *   watch N    "opened", then each event of /dev/input/eventN as poll() tells of it: "event TYPE CODE VALUE"; at the end "gone ERRNO"
 *   force      uploads, plays and erases effects, and says what was refused
 *   idle N     opens /dev/input/eventN and jsN and reads nothing until standard input says so; then both, until it is told what it missed
 *   write N    goes on writing force feedback to a pad, a byte of standard input for each time, until it is gone: "write ERRNO"
 *
 * cc [-m32] -O2 -o evdev-pads evdev-pads.c
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <linux/input.h>
#include <linux/joystick.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static void look(void) {
  struct dirent **names;
  const int count = scandir("/dev/input", &names, NULL, by_name);
  for (int i = 0; i < count; i++) if (names[i]->d_name[0] != '.') printf("entry %s\n", names[i]->d_name);
  DIR *folder = opendir("/dev/input");
  for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
    if (entry->d_name[0] != '.' && entry->d_type != DT_CHR) printf("no device: %s\n", entry->d_name);
  }
  glob_t found;
  if (glob("/dev/input/js*", 0, NULL, &found) == 0) for (size_t i = 0; i < found.gl_pathc; i++) printf("glob %s\n", found.gl_pathv[i]);
  struct stat about;
  if (stat("/dev/input/event0", &about) == 0) {
    printf("stat %s %u:%u\n", S_ISCHR(about.st_mode) ? "character" : "?", major(about.st_rdev), minor(about.st_rdev));
  }
  printf("access %d\n", access("/dev/input/js0", R_OK | W_OK));
  char path[PATH_MAX];
  if (realpath("/sys/class/input/event0", path) != NULL) printf("sys %s\n", path);
  const int in_dev = open("/dev/input", O_RDONLY | O_DIRECTORY);
  const int relative = openat(in_dev, "event0", O_RDONLY);
  printf("openat %s\n", relative >= 0 && fstat(relative, &about) == 0 && S_ISCHR(about.st_mode) ? "character" : strerror(errno));
  FILE *stream = fopen("/sys/class/input/event0/device/capabilities/key", "r");
  if (stream != NULL && fgets(path, sizeof path, stream) != NULL) printf("key %s", path);

  const int fd = open("/dev/input/event0", O_RDWR | O_NONBLOCK);
  struct input_id id;
  char name[64] = "";
  struct input_absinfo axis;
  unsigned char bits[KEY_CNT / 8] = {0};
  int effects = 0;
  ioctl(fd, EVIOCGID, &id);
  int result = ioctl(fd, EVIOCGNAME(sizeof name), name);
  printf("name %d %s\n", result, name);
  printf("id %04x:%04x\n", id.vendor, id.product);
  printf("short name %d\n", ioctl(fd, EVIOCGNAME(4), name));
  printf("bits %d\n", ioctl(fd, EVIOCGBIT(EV_KEY, sizeof bits), bits));
  printf("button %d\n", (bits[BTN_SOUTH / 8] >> (BTN_SOUTH % 8)) & 1);
  ioctl(fd, EVIOCGABS(ABS_X), &axis);
  printf("axis %d in %d..%d\n", axis.value, axis.minimum, axis.maximum);
  printf("no axis %d\n", ioctl(fd, EVIOCGABS(ABS_MT_SLOT), &axis));
  memset(bits, 0, sizeof bits);
  ioctl(fd, EVIOCGKEY(sizeof bits), bits);
  printf("held %d\n", (bits[BTN_SOUTH / 8] >> (BTN_SOUTH % 8)) & 1);
  ioctl(fd, EVIOCGEFFECTS, &effects);
  printf("effects %d\n", effects);
  const int js = open("/dev/input/js0", O_RDONLY);
  __u8 axes = 0, buttons = 0, map[ABS_CNT] = {0};
  ioctl(js, JSIOCGAXES, &axes);
  ioctl(js, JSIOCGBUTTONS, &buttons);
  ioctl(js, JSIOCGAXMAP, map);
  printf("js %d axes %d buttons, axis 6 is %d\n", axes, buttons, map[6]);
  printf("js name %d\n", ioctl(js, JSIOCGNAME(sizeof name), name));
  /* Not ours: must be what they are without the library. */
  result = ioctl(STDOUT_FILENO, EVIOCGVERSION, &effects);
  printf("other ioctl %d %d\n", result, errno == ENOTTY || errno == EINVAL);
  result = open("/dev/input/event999", O_RDONLY);
  printf("nothing there %d %d\n", result, errno == ENOENT);
}

static int open_event(const char *number, int flags) {
  char path[64];
  snprintf(path, sizeof path, "/dev/input/event%s", number);
  return open(path, flags);
}

static void watch(const char *number) {
  const int fd = open_event(number, O_RDONLY | O_NONBLOCK);
  const int copy = dup(fd);
  close(fd);
  const int epoll = epoll_create1(0);
  struct epoll_event wanted = {.events = EPOLLIN};
  epoll_ctl(epoll, EPOLL_CTL_ADD, copy, &wanted);
  int clock = 1; /* CLOCK_MONOTONIC */
  ioctl(copy, EVIOCSCLOCKID, &clock);
  printf("opened %d\n", copy >= 0);
  for (;;) {
    struct epoll_event ready;
    if (epoll_wait(epoll, &ready, 1, -1) <= 0) continue;
    struct input_event event;
    const ssize_t bytes = read(copy, &event, sizeof event);
    if (bytes == (ssize_t)sizeof event) {
      if (event.type != EV_SYN || event.code != SYN_REPORT) printf("event %d %d %d\n", event.type, event.code, event.value);
      continue;
    }
    printf("gone %s\n", bytes < 0 ? strerrorname_np(errno) : "short");
    return;
  }
}

static void force(void) {
  const int fd = open("/dev/input/event0", O_RDWR);
  struct ff_effect rumble = {.type = FF_RUMBLE, .id = -1, .replay = {.length = 400}};
  rumble.u.rumble.strong_magnitude = 0xc000;
  rumble.u.rumble.weak_magnitude = 0x4000;
  int result = ioctl(fd, EVIOCSFF, &rumble);
  printf("upload %d as %d\n", result, rumble.id);
  struct ff_effect wave = {.type = FF_PERIODIC, .id = -1};
  wave.u.periodic.waveform = FF_SINE;
  wave.u.periodic.magnitude = 0x7fff;
  result = ioctl(fd, EVIOCSFF, &wave);
  printf("periodic %d as %d\n", result, wave.id);
  struct ff_effect spring = {.type = FF_SPRING, .id = -1};
  result = ioctl(fd, EVIOCSFF, &spring);
  printf("spring %d %s\n", result, strerrorname_np(errno));
  int full = 0;
  for (int i = 0; i < 20; i++) {
    struct ff_effect more = {.type = FF_RUMBLE, .id = -1};
    if (ioctl(fd, EVIOCSFF, &more) != 0 && errno == ENOSPC) full++;
  }
  printf("refused %d of 20 more\n", full);
  struct ff_effect absurd = {.type = FF_RUMBLE, .id = 77};
  result = ioctl(fd, EVIOCSFF, &absurd);
  printf("absurd %d %s\n", result, strerrorname_np(errno));
  const struct input_event play = {.type = EV_FF, .code = (__u16)rumble.id, .value = 1};
  printf("play %zd of %zu\n", write(fd, &play, sizeof play), sizeof play);
  printf("erase %d\n", ioctl(fd, EVIOCRMFF, wave.id));
  result = ioctl(fd, EVIOCRMFF, wave.id);
  printf("erase again %d %s\n", result, strerrorname_np(errno));
  /* Closing the pad stops what plays: not before somebody has seen it play. */
  getchar();
  close(fd);
}

/* Waits for a whole event. */
static bool next(int fd, void *event, size_t bytes) {
  struct pollfd readable = {.fd = fd, .events = POLLIN};
  return poll(&readable, 1, -1) == 1 && read(fd, event, bytes) == (ssize_t)bytes;
}

static void idle(const char *number) {
  char path[64];
  snprintf(path, sizeof path, "/dev/input/js%s", number);
  const int fds[] = {open_event(number, O_RDONLY | O_NONBLOCK), open(path, O_RDONLY | O_NONBLOCK)};
  printf("opened %d\n", fds[0] >= 0 && fds[1] >= 0);
  getchar();
  long bytes = 0;
  int dropped = 0, last = 0;
  while (!dropped) {
    struct input_event event;
    if (!next(fds[0], &event, sizeof event)) break;
    bytes += (long)sizeof event;
    dropped = event.type == EV_SYN && event.code == SYN_DROPPED;
    if (event.type == EV_ABS) last = event.value;
  }
  struct input_absinfo axis;
  ioctl(fds[0], EVIOCGABS(ABS_X), &axis);
  int initial = 0, js_last = 0;
  struct js_event js;
  while (initial < 2 && next(fds[1], &js, sizeof js)) {
    if (js.type == (JS_EVENT_AXIS | JS_EVENT_INIT) && js.number == 0) initial++;
    if ((js.type & JS_EVENT_AXIS) != 0 && js.number == 0) js_last = js.value;
  }
  printf("read %ld dropped %d last %d now %d js initial %d last %d\n", bytes, dropped, last, axis.value, initial, js_last);
}

static void write_on(const char *number) {
  const int fd = open_event(number, O_RDWR);
  const int copy = dup(fd);
  printf("opened %d\n", copy >= 0);
  while (getchar() != EOF) {
    const struct input_event play = {.type = EV_FF, .code = 0, .value = 0};
    if (write(copy, &play, sizeof play) < 0) printf("write %s\n", strerrorname_np(errno));
    else printf("written\n");
  }
}

int main(int count, char **arguments) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  const char *command = count > 1 ? arguments[1] : "";
  const char *number = count > 2 ? arguments[2] : "0";
  if (strcmp(command, "look") == 0) look();
  else if (strcmp(command, "watch") == 0) watch(number);
  else if (strcmp(command, "force") == 0) force();
  else if (strcmp(command, "idle") == 0) idle(number);
  else if (strcmp(command, "write") == 0) write_on(number);
  else return 2;
  printf("done\n");
  /* Whoever started it has read all that it said by the time that it ends. */
  while (getchar() != EOF) continue;
  return 0;
}
