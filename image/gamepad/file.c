/* The calls that name a file: those below /dev/input and the like are the agent's tree (tree.h), and opening a node there connects to it. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "device.h"
#include "real.h"
#include "tree.h"

#ifndef O_LARGEFILE
#define O_LARGEFILE 0
#endif

static int open_at(int folder, const char *path, int flags, mode_t mode) {
  char buffer[PATH_MAX];
  struct pad_node node;
  const char *place = tree_path_at(folder, path, buffer);
  if ((flags & O_PATH) == 0 && place != NULL && tree_node(place, &node)) return device_open(place, &node, flags);
  return REAL(openat64)(folder, place, flags, mode);
}

/* The mode is there only where a file may be made. */
#define MODE_OF(flags)                                                    \
  ({                                                                      \
    mode_t mode_ = 0;                                                     \
    if (((flags) & O_CREAT) != 0 || ((flags) & O_TMPFILE) == O_TMPFILE) { \
      va_list arguments_;                                                 \
      va_start(arguments_, flags);                                        \
      mode_ = va_arg(arguments_, mode_t);                                 \
      va_end(arguments_);                                                 \
    }                                                                     \
    mode_;                                                                \
  })

/* On 32 bits, open() without 64 in its name refuses what it could not tell the size of; the tree holds nothing so large. */
static int open_small(int folder, const char *path, int flags, mode_t mode) {
  char buffer[PATH_MAX];
  const char *place = tree_path_at(folder, path, buffer);
  return place == path ? REAL(openat)(folder, path, flags, mode) : open_at(folder, path, flags, mode);
}

INTERPOSED int open(const char *path, int flags, ...) { return open_small(AT_FDCWD, path, flags, MODE_OF(flags)); }
INTERPOSED int open64(const char *path, int flags, ...) { return open_at(AT_FDCWD, path, flags, MODE_OF(flags)); }
INTERPOSED int openat(int folder, const char *path, int flags, ...) { return open_small(folder, path, flags, MODE_OF(flags)); }
INTERPOSED int openat64(int folder, const char *path, int flags, ...) { return open_at(folder, path, flags, MODE_OF(flags)); }

/* What programs call that were compiled with _FORTIFY_SOURCE. */
INTERPOSED int __open_2(const char *path, int flags) { return open_small(AT_FDCWD, path, flags, 0); }
INTERPOSED int __open64_2(const char *path, int flags) { return open_at(AT_FDCWD, path, flags, 0); }
INTERPOSED int __openat_2(int folder, const char *path, int flags) { return open_small(folder, path, flags, 0); }
INTERPOSED int __openat64_2(int folder, const char *path, int flags) { return open_at(folder, path, flags, 0); }

static FILE *open_stream(const char *place, const struct pad_node *node, const char *mode) {
  const bool both = strchr(mode, '+') != NULL;
  const int access = both ? O_RDWR : mode[0] == 'r' ? O_RDONLY : O_WRONLY;
  const int fd = device_open(place, node, access | (strchr(mode, 'e') != NULL ? O_CLOEXEC : 0));
  if (fd < 0) return NULL;
  FILE *stream = fdopen(fd, mode);
  if (stream == NULL) close(fd);
  return stream;
}

INTERPOSED FILE *fopen(const char *path, const char *mode) {
  char buffer[PATH_MAX];
  struct pad_node node;
  const char *place = tree_path(path, buffer);
  return place != path && tree_node(place, &node) ? open_stream(place, &node, mode) : REAL(fopen)(place, mode);
}

INTERPOSED FILE *fopen64(const char *path, const char *mode) {
  char buffer[PATH_MAX];
  struct pad_node node;
  const char *place = tree_path(path, buffer);
  return place != path && tree_node(place, &node) ? open_stream(place, &node, mode) : REAL(fopen64)(place, mode);
}

INTERPOSED int access(const char *path, int mode) {
  char buffer[PATH_MAX];
  return REAL(access)(tree_path(path, buffer), mode);
}

INTERPOSED int faccessat(int folder, const char *path, int mode, int flags) {
  char buffer[PATH_MAX];
  return REAL(faccessat)(folder, tree_path_at(folder, path, buffer), mode, flags);
}

INTERPOSED DIR *opendir(const char *path) {
  char buffer[PATH_MAX];
  return REAL(opendir)(tree_path(path, buffer));
}

/* Nodes are character devices there, too. */
#define AS_DEVICE(folder, entry)                                                                     \
  do {                                                                                               \
    if ((entry) != NULL && (entry)->d_type == DT_SOCK && tree_holds(dirfd(folder), "input")) {       \
      (entry)->d_type = DT_CHR;                                                                      \
    }                                                                                                \
  } while (0)

INTERPOSED struct dirent *readdir(DIR *folder) {
  struct dirent *entry = REAL(readdir)(folder);
  AS_DEVICE(folder, entry);
  return entry;
}

INTERPOSED struct dirent64 *readdir64(DIR *folder) {
  struct dirent64 *entry = REAL(readdir64)(folder);
  AS_DEVICE(folder, entry);
  return entry;
}

INTERPOSED int scandir(const char *path, struct dirent ***names, int (*filter)(const struct dirent *),
                       int (*compare)(const struct dirent **, const struct dirent **)) {
  char buffer[PATH_MAX];
  return REAL(scandir)(tree_path(path, buffer), names, filter, compare);
}

INTERPOSED int scandir64(const char *path, struct dirent64 ***names, int (*filter)(const struct dirent64 *),
                         int (*compare)(const struct dirent64 **, const struct dirent64 **)) {
  char buffer[PATH_MAX];
  return REAL(scandir64)(tree_path(path, buffer), names, filter, compare);
}

/* A pattern below a folder of the tree, as /dev/input/js*. */
static const char *pattern_in_tree(const char *pattern, char buffer[PATH_MAX]) {
  char folder[PATH_MAX];
  const char *slash = pattern == NULL ? NULL : strrchr(pattern, '/');
  if (slash == NULL || slash == pattern || slash - pattern >= PATH_MAX) return pattern;
  memcpy(folder, pattern, (size_t)(slash - pattern));
  folder[slash - pattern] = '\0';
  char place[PATH_MAX];
  if (tree_path(folder, place) != place || strlen(place) + strlen(slash) >= PATH_MAX) return pattern;
  strcpy(buffer, place);
  return strcat(buffer, slash);
}

static void unmap_all(char **paths, size_t count) {
  for (size_t i = 0; i < count; i++) tree_unmap(paths[i], strlen(paths[i]) + 1);
}

INTERPOSED int glob(const char *pattern, int flags, int (*on_error)(const char *, int), glob_t *found) {
  char buffer[PATH_MAX];
  const char *place = pattern_in_tree(pattern, buffer);
  const int result = REAL(glob)(place, flags, on_error, found);
  if (result == 0 && place != pattern) unmap_all(found->gl_pathv + found->gl_offs, found->gl_pathc);
  return result;
}

INTERPOSED int glob64(const char *pattern, int flags, int (*on_error)(const char *, int), glob64_t *found) {
  char buffer[PATH_MAX];
  const char *place = pattern_in_tree(pattern, buffer);
  const int result = REAL(glob64)(place, flags, on_error, found);
  if (result == 0 && place != pattern) unmap_all(found->gl_pathv + found->gl_offs, found->gl_pathc);
  return result;
}

INTERPOSED ssize_t readlink(const char *path, char *link, size_t bytes) {
  char buffer[PATH_MAX];
  return REAL(readlink)(tree_path(path, buffer), link, bytes);
}

INTERPOSED ssize_t readlinkat(int folder, const char *path, char *link, size_t bytes) {
  char buffer[PATH_MAX];
  return REAL(readlinkat)(folder, tree_path_at(folder, path, buffer), link, bytes);
}

INTERPOSED ssize_t __readlink_chk(const char *path, char *link, size_t bytes, size_t room) {
  if (bytes > room) __builtin_trap();
  return readlink(path, link, bytes);
}

INTERPOSED ssize_t __readlinkat_chk(int folder, const char *path, char *link, size_t bytes, size_t room) {
  if (bytes > room) __builtin_trap();
  return readlinkat(folder, path, link, bytes);
}

INTERPOSED char *realpath(const char *path, char *resolved) {
  char buffer[PATH_MAX];
  const char *place = tree_path(path, buffer);
  char *real = REAL(realpath)(place, resolved);
  if (real != NULL && place != path) tree_unmap(real, strlen(real) + 1);
  return real;
}

INTERPOSED char *__realpath_chk(const char *path, char *resolved, size_t room) {
  if (room < PATH_MAX) __builtin_trap();
  return realpath(path, resolved);
}

INTERPOSED char *canonicalize_file_name(const char *path) { return realpath(path, NULL); }

INTERPOSED int inotify_add_watch(int fd, const char *path, uint32_t mask) {
  char buffer[PATH_MAX];
  return REAL(inotify_add_watch)(fd, tree_path(path, buffer), mask);
}
