/* Opens gamepads and knows them again: see device.h. From file.c; read and written by io.c, asked by ioctl.c. */
#define _GNU_SOURCE
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "pad_file.h"
#include "real.h"

enum { MARKS = 4096 };
static _Atomic unsigned char marks_[MARKS];

void device_mark(int fd, enum device_mark mark) {
  if (fd >= 0 && fd < MARKS) atomic_store_explicit(&marks_[fd], mark, memory_order_relaxed);
}

enum device_mark device_marked(int fd) {
  return fd >= 0 && fd < MARKS ? atomic_load_explicit(&marks_[fd], memory_order_relaxed) : MARK_NONE;
}

struct __attribute__((packed)) hello {
  char magic[4];
  uint8_t word_bytes;
  uint32_t changes;
};

int device_open(const char *path, const struct pad_node *node, int flags) {
  struct pad_file pad;
  if (!pad_file_read(node->index, &pad)) {
    errno = ENODEV;
    return -1;
  }
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  strcpy(address.sun_path, path);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | ((flags & O_CLOEXEC) != 0 ? SOCK_CLOEXEC : 0), 0);
  if (fd < 0) return -1;
  struct hello hello = {.word_bytes = sizeof(long), .changes = pad.changes};
  memcpy(hello.magic, DEVICE_HELLO, sizeof hello.magic);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
      send(fd, &hello, sizeof hello, MSG_NOSIGNAL) != (ssize_t)sizeof hello) {
    /* Refused: its agent has died, and another one has not yet come to take it away. */
    const int error = errno == ENOENT || errno == EACCES ? errno : ENODEV;
    close(fd);
    errno = error;
    return -1;
  }
  if ((flags & O_NONBLOCK) == 0) REAL(fcntl)(fd, F_SETFL, REAL(fcntl)(fd, F_GETFL) & ~O_NONBLOCK);
  device_mark(fd, MARK_DEVICE);
  return fd;
}

bool device_of(int fd, struct pad_node *node) {
  struct sockaddr_un peer;
  socklen_t bytes = sizeof peer;
  if (tree_folder() == NULL) return false;
  const int error = errno;
  memset(&peer, 0, sizeof peer);
  const bool has_peer = getpeername(fd, (struct sockaddr *)&peer, &bytes) == 0;
  errno = error;
  if (!has_peer || peer.sun_family != AF_UNIX || bytes > sizeof peer) return false;
  char path[sizeof peer.sun_path + 1] = {0};
  memcpy(path, peer.sun_path, sizeof peer.sun_path);
  return tree_node(path, node);
}

void device_send(int fd, uint16_t type, uint16_t code, int32_t value) {
  struct input_event event;
  memset(&event, 0, sizeof event);
  event.type = type;
  event.code = code;
  event.value = value;
  const int error = errno;
  if (send(fd, &event, sizeof event, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) errno = error;
}
