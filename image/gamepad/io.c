/*
 * What reading, writing and copying the descriptor of a gamepad differs in from a socket's: a pad that was unplugged is ENODEV, and
 * writing to it ends no program with SIGPIPE.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "device.h"
#include "real.h"

/* The end of what was read: of a pad it is no end of file. */
static ssize_t ended(int fd, ssize_t bytes, bool wanted) {
  struct pad_node node;
  const bool reset = bytes < 0 && errno == ECONNRESET;
  if ((bytes != 0 && !reset) || !wanted || device_marked(fd) != MARK_DEVICE || !device_of(fd, &node)) return bytes;
  errno = ENODEV;
  return -1;
}

INTERPOSED ssize_t read(int fd, void *buffer, size_t bytes) { return ended(fd, REAL(read)(fd, buffer, bytes), bytes > 0); }

/* read() of a program that was compiled with its buffer's size checked. */
INTERPOSED ssize_t __read_chk(int fd, void *buffer, size_t bytes, size_t room) {
  if (bytes > room) __builtin_trap();
  return read(fd, buffer, bytes);
}

INTERPOSED ssize_t readv(int fd, const struct iovec *parts, int count) {
  return ended(fd, REAL(readv)(fd, parts, count), count > 0);
}

static ssize_t send_parts(int fd, const struct iovec *parts, int count) {
  const struct msghdr message = {.msg_iov = (struct iovec *)parts, .msg_iovlen = (size_t)count};
  const ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0) return sent;
  if (errno == EAGAIN) {
    /* The agent takes nothing for the moment: a device would have no room either, and take it all the same. */
    ssize_t bytes = 0;
    for (int i = 0; i < count; i++) bytes += (ssize_t)parts[i].iov_len;
    return bytes;
  }
  errno = ENODEV;
  return -1;
}

INTERPOSED ssize_t write(int fd, const void *buffer, size_t bytes) {
  struct pad_node node;
  if (device_marked(fd) != MARK_DEVICE || !device_of(fd, &node)) return REAL(write)(fd, buffer, bytes);
  const struct iovec part = {.iov_base = (void *)buffer, .iov_len = bytes};
  return send_parts(fd, &part, 1);
}

INTERPOSED ssize_t writev(int fd, const struct iovec *parts, int count) {
  struct pad_node node;
  if (device_marked(fd) != MARK_DEVICE || !device_of(fd, &node)) return REAL(writev)(fd, parts, count);
  return send_parts(fd, parts, count);
}

static int copied(int from, int to) {
  if (to >= 0 && device_marked(from) != MARK_NONE) device_mark(to, device_marked(from));
  return to;
}

INTERPOSED int dup(int fd) { return copied(fd, REAL(dup)(fd)); }
INTERPOSED int dup2(int fd, int to) { return copied(fd, REAL(dup2)(fd, to)); }
INTERPOSED int dup3(int fd, int to, int flags) { return copied(fd, REAL(dup3)(fd, to, flags)); }

INTERPOSED int fcntl(int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  const int result = REAL(fcntl)(fd, command, argument);
  return command == F_DUPFD || command == F_DUPFD_CLOEXEC ? copied(fd, result) : result;
}

INTERPOSED int fcntl64(int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  const int result = REAL(fcntl64)(fd, command, argument);
  return command == F_DUPFD || command == F_DUPFD_CLOEXEC ? copied(fd, result) : result;
}
