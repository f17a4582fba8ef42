/*
 * Hot-plugging as libudev hears it: messages of udevd on a netlink socket. Here there is no udevd to send any, and a program may not,
 * so the socket is an inotify descriptor of the tree's input folder instead, which goes on through a restart of the agent, and
 * recvmsg() makes of each entry that comes or goes the message that udevd would have sent. What the machine's own udevd says is
 * not heard by programs that run with this library.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"
#include "real.h"

/* systemd, src/libsystemd/sd-device/device-monitor.c: head of a message, its magic and the group of udevd. */
struct monitor_head {
  char prefix[8];
  uint32_t magic;
  uint32_t head_bytes;
  uint32_t properties_at;
  uint32_t properties_bytes;
  uint32_t hashes[4]; /* for a filter in the kernel, which there is none of here */
};
#define MONITOR_MAGIC 0xfeedcafeu
enum { MONITOR_GROUP_UDEV = 2 };

/* The name of an entry here is shorter than 16 bytes: so much is one event of inotify, and never two. */
enum { ONE_EVENT = sizeof(struct inotify_event) + 16 };

static bool is_monitor(int fd) {
  if (device_marked(fd) != MARK_MONITOR) return false;
  char link[32];
  char name[32] = {0};
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const int error = errno;
  const bool is = REAL(readlink)(link, name, sizeof name - 1) > 0 && strcmp(name, "anon_inode:inotify") == 0;
  errno = error;
  if (!is) device_mark(fd, MARK_NONE);
  return is;
}

INTERPOSED int socket(int domain, int type, int protocol) {
  const char *folder = tree_folder();
  if (domain != AF_NETLINK || protocol != NETLINK_KOBJECT_UEVENT || folder == NULL) return REAL(socket)(domain, type, protocol);
  char path[PATH_MAX];
  const int fd = inotify_init1(((type & SOCK_NONBLOCK) != 0 ? IN_NONBLOCK : 0) | ((type & SOCK_CLOEXEC) != 0 ? IN_CLOEXEC : 0));
  if (fd < 0 || snprintf(path, sizeof path, "%s/input", folder) >= PATH_MAX ||
      REAL(inotify_add_watch)(fd, path, IN_CREATE | IN_DELETE) < 0) {
    if (fd >= 0) close(fd);
    return REAL(socket)(domain, type, protocol);
  }
  device_mark(fd, MARK_MONITOR);
  return fd;
}

INTERPOSED int bind(int fd, const struct sockaddr *address, socklen_t bytes) {
  return is_monitor(fd) ? 0 : REAL(bind)(fd, address, bytes);
}

INTERPOSED int setsockopt(int fd, int level, int name, const void *value, socklen_t bytes) {
  return is_monitor(fd) ? 0 : REAL(setsockopt)(fd, level, name, value, bytes);
}

INTERPOSED int getsockname(int fd, struct sockaddr *address, socklen_t *bytes) {
  if (!is_monitor(fd)) return REAL(getsockname)(fd, address, bytes);
  const struct sockaddr_nl own = {.nl_family = AF_NETLINK, .nl_pid = (uint32_t)getpid(), .nl_groups = MONITOR_GROUP_UDEV};
  memcpy(address, &own, *bytes < sizeof own ? *bytes : sizeof own);
  *bytes = sizeof own;
  return 0;
}

/* Bytes of the message about the next entry; 0: nothing that concerns anybody; -1 and errno. */
static ssize_t next_message(int fd, char *message, size_t room) {
  static _Atomic unsigned long sequence = 1;
  union {
    struct inotify_event event;
    char bytes[ONE_EVENT];
  } one;
  char path[PATH_MAX];
  struct pad_node node;
  if (REAL(read)(fd, &one, sizeof one) < 0) return -1;
  if (one.event.len == 0 || snprintf(path, sizeof path, "%s/input/%s", tree_folder(), one.event.name) >= PATH_MAX) return 0;
  if (!tree_node(path, &node)) return 0;
  const int minor = node.index + (node.kind == PAD_EVENT ? 64 : 0);
  struct monitor_head head = {
      .prefix = "libudev", .magic = htonl(MONITOR_MAGIC), .head_bytes = sizeof head, .properties_at = sizeof head};
  const int bytes = snprintf(message + sizeof head, room - sizeof head,
                             "ACTION=%s%cDEVPATH=/devices/virtual/input/input%d/%s%cSUBSYSTEM=input%cDEVNAME=/dev/input/%s%c"
                             "MAJOR=13%cMINOR=%d%cSEQNUM=%lu%cUSEC_INITIALIZED=1%cID_INPUT=1%cID_INPUT_JOYSTICK=1%c",
                             (one.event.mask & IN_CREATE) != 0 ? "add" : "remove", 0, node.index, one.event.name, 0, 0,
                             one.event.name, 0, 0, minor, 0, atomic_fetch_add(&sequence, 1), 0, 0, 0, 0);
  if (bytes < 0 || (size_t)bytes >= room - sizeof head) return 0;
  head.properties_bytes = (uint32_t)bytes;
  memcpy(message, &head, sizeof head);
  return (ssize_t)sizeof head + bytes;
}

/* From udevd, which is root. */
static void sign(struct msghdr *header) {
  const struct sockaddr_nl sender = {.nl_family = AF_NETLINK, .nl_pid = 1, .nl_groups = MONITOR_GROUP_UDEV};
  if (header->msg_name != NULL && header->msg_namelen >= sizeof sender) {
    memcpy(header->msg_name, &sender, sizeof sender);
    header->msg_namelen = sizeof sender;
  }
  const struct ucred root = {.pid = 1, .uid = 0, .gid = 0};
  struct cmsghdr *control = header->msg_controllen >= CMSG_SPACE(sizeof root) ? CMSG_FIRSTHDR(header) : NULL;
  if (control == NULL) {
    header->msg_controllen = 0;
    return;
  }
  control->cmsg_level = SOL_SOCKET;
  control->cmsg_type = SCM_CREDENTIALS;
  control->cmsg_len = CMSG_LEN(sizeof root);
  memcpy(CMSG_DATA(control), &root, sizeof root);
  header->msg_controllen = CMSG_SPACE(sizeof root);
}

INTERPOSED ssize_t recvmsg(int fd, struct msghdr *header, int flags) {
  if (!is_monitor(fd)) return REAL(recvmsg)(fd, header, flags);
  char message[1024];
  ssize_t bytes = next_message(fd, message, sizeof message);
  while (bytes == 0) bytes = next_message(fd, message, sizeof message);
  if (bytes < 0) return -1;
  size_t done = 0;
  for (size_t i = 0; i < header->msg_iovlen && done < (size_t)bytes; i++) {
    const size_t left = (size_t)bytes - done;
    const size_t part = header->msg_iov[i].iov_len < left ? header->msg_iov[i].iov_len : left;
    memcpy(header->msg_iov[i].iov_base, message + done, part);
    done += part;
  }
  header->msg_flags = done < (size_t)bytes ? MSG_TRUNC : 0;
  sign(header);
  return (ssize_t)done;
}

/* Newer versions ask for the size of the next message first: no message here is larger. */
INTERPOSED ssize_t recv(int fd, void *buffer, size_t bytes, int flags) {
  if ((flags & (MSG_PEEK | MSG_TRUNC)) != (MSG_PEEK | MSG_TRUNC) || !is_monitor(fd)) return REAL(recv)(fd, buffer, bytes, flags);
  return 1024;
}
