/* What a file is: the tree's sockets are character devices, numbered as the kernel numbers them, and its part of /sys is a sysfs. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "device.h"
#include "real.h"
#include "tree.h"

/* Documentation/admin-guide/devices.txt: 13 is input; js0 is its minor 0, event0 its minor 64. */
enum { INPUT_MAJOR = 13, EVENT_MINOR = 64 };

static unsigned minor_of(const struct pad_node *node) {
  return (unsigned)node->index + (node->kind == PAD_EVENT ? EVENT_MINOR : 0);
}

#define AS_DEVICE(about, found)                                                       \
  do {                                                                                \
    struct pad_node node;                                                             \
    if (S_ISSOCK((about)->st_mode) && (found)) {                                      \
      (about)->st_mode = S_IFCHR | 0660;                                              \
      (about)->st_rdev = makedev(INPUT_MAJOR, minor_of(&node));                       \
    }                                                                                 \
  } while (0)

/* By path: `call` gets `place`. By descriptor. */
#define BY_PATH(folder, path, about, call)                           \
  do {                                                               \
    char buffer[PATH_MAX];                                           \
    const char *place = tree_path_at(folder, path, buffer);          \
    const int result = (call);                                       \
    if (result == 0) AS_DEVICE(about, tree_node(place, &node));      \
    return result;                                                   \
  } while (0)
#define BY_FD(fd, about, call)                                                                       \
  do {                                                                                             \
    const int result = (call);                                                                     \
    if (result == 0) AS_DEVICE(about, device_marked(fd) == MARK_DEVICE && device_of(fd, &node));   \
    return result;                                                                                 \
  } while (0)

INTERPOSED int stat(const char *path, struct stat *about) { BY_PATH(AT_FDCWD, path, about, REAL(stat)(place, about)); }
INTERPOSED int stat64(const char *path, struct stat64 *about) { BY_PATH(AT_FDCWD, path, about, REAL(stat64)(place, about)); }
INTERPOSED int lstat(const char *path, struct stat *about) { BY_PATH(AT_FDCWD, path, about, REAL(lstat)(place, about)); }
INTERPOSED int lstat64(const char *path, struct stat64 *about) { BY_PATH(AT_FDCWD, path, about, REAL(lstat64)(place, about)); }
INTERPOSED int fstat(int fd, struct stat *about) { BY_FD(fd, about, REAL(fstat)(fd, about)); }
INTERPOSED int fstat64(int fd, struct stat64 *about) { BY_FD(fd, about, REAL(fstat64)(fd, about)); }

INTERPOSED int fstatat(int folder, const char *path, struct stat *about, int flags) {
  if (path != NULL && path[0] == '\0') BY_FD(folder, about, REAL(fstatat)(folder, path, about, flags));
  BY_PATH(folder, path, about, REAL(fstatat)(folder, place, about, flags));
}

INTERPOSED int fstatat64(int folder, const char *path, struct stat64 *about, int flags) {
  if (path != NULL && path[0] == '\0') BY_FD(folder, about, REAL(fstatat64)(folder, path, about, flags));
  BY_PATH(folder, path, about, REAL(fstatat64)(folder, place, about, flags));
}

/* The names that the same calls had before glibc 2.33. */
int __xstat(int, const char *, struct stat *);
int __xstat64(int, const char *, struct stat64 *);
int __lxstat(int, const char *, struct stat *);
int __lxstat64(int, const char *, struct stat64 *);
int __fxstat(int, int, struct stat *);
int __fxstat64(int, int, struct stat64 *);

INTERPOSED int __xstat(int version, const char *path, struct stat *about) {
  BY_PATH(AT_FDCWD, path, about, REAL(__xstat)(version, place, about));
}
INTERPOSED int __xstat64(int version, const char *path, struct stat64 *about) {
  BY_PATH(AT_FDCWD, path, about, REAL(__xstat64)(version, place, about));
}
INTERPOSED int __lxstat(int version, const char *path, struct stat *about) {
  BY_PATH(AT_FDCWD, path, about, REAL(__lxstat)(version, place, about));
}
INTERPOSED int __lxstat64(int version, const char *path, struct stat64 *about) {
  BY_PATH(AT_FDCWD, path, about, REAL(__lxstat64)(version, place, about));
}
INTERPOSED int __fxstat(int version, int fd, struct stat *about) { BY_FD(fd, about, REAL(__fxstat)(version, fd, about)); }
INTERPOSED int __fxstat64(int version, int fd, struct stat64 *about) { BY_FD(fd, about, REAL(__fxstat64)(version, fd, about)); }

INTERPOSED int statx(int folder, const char *path, int flags, unsigned mask, struct statx *about) {
  char buffer[PATH_MAX];
  struct pad_node node;
  const char *place = tree_path_at(folder, path, buffer);
  const int result = REAL(statx)(folder, place, flags, mask, about);
  if (result != 0 || !S_ISSOCK(about->stx_mode)) return result;
  const bool by_fd = place != NULL && place[0] == '\0';
  if (by_fd ? device_marked(folder) == MARK_DEVICE && device_of(folder, &node) : tree_node(place, &node)) {
    about->stx_mode = S_IFCHR | 0660;
    about->stx_rdev_major = INPUT_MAJOR;
    about->stx_rdev_minor = minor_of(&node);
  }
  return result;
}

/* libudev asks whether what it reads is really a sysfs. */
INTERPOSED int fstatfs(int fd, struct statfs *about) {
  const int result = REAL(fstatfs)(fd, about);
  if (result == 0 && about->f_type != SYSFS_MAGIC && tree_holds(fd, "sys")) about->f_type = SYSFS_MAGIC;
  return result;
}

INTERPOSED int fstatfs64(int fd, struct statfs64 *about) {
  const int result = REAL(fstatfs64)(fd, about);
  if (result == 0 && about->f_type != SYSFS_MAGIC && tree_holds(fd, "sys")) about->f_type = SYSFS_MAGIC;
  return result;
}

/* ls asks for these of each file. */
INTERPOSED ssize_t getxattr(const char *path, const char *name, void *value, size_t bytes) {
  char buffer[PATH_MAX];
  return REAL(getxattr)(tree_path(path, buffer), name, value, bytes);
}

INTERPOSED ssize_t lgetxattr(const char *path, const char *name, void *value, size_t bytes) {
  char buffer[PATH_MAX];
  return REAL(lgetxattr)(tree_path(path, buffer), name, value, bytes);
}
