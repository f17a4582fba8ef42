/* Which paths of the machine are the agent's tree: see tree.h. Asked by all the other files. */
#define _GNU_SOURCE
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "real.h"

/* Prints bit fields as the kernel does for a program of this word size. */
#define SYS (sizeof(long) == 8 ? "sys64" : "sys32")

static const struct {
  const char *machine;
  const char *tree;
  /* Names that begin so, in place of this path and all below it. */
  bool open_end;
  bool sys;
} MAP[] = {
    {"/dev/input", "input", false, false},
    {"/sys/class/input", "class/input", false, true},
    {"/sys/devices/virtual/input", "devices/virtual/input", false, true},
    {"/sys/dev/char/13:", "dev/char/13:", true, true},
    {"/run/udev/data/c13:", "udev/c13:", true, false},
    {"/run/udev/data/+input:", "udev/+input:", true, false},
    {"/run/udev/control", "udev/control", false, false},
};
enum { MAPPED = sizeof MAP / sizeof MAP[0] };

static char folder_[PATH_MAX];
static size_t folder_bytes_;

/* Before main(): the program may change its environment later. */
__attribute__((constructor)) static void find_folder(void) {
  const char *folder = getenv("EGLANTINE_GAMEPAD_DIR");
  if (folder == NULL || folder[0] != '/' || strlen(folder) >= sizeof folder_) return;
  strcpy(folder_, folder);
  folder_bytes_ = strlen(folder_);
}

const char *tree_folder(void) { return folder_bytes_ == 0 ? NULL : folder_; }

static const char *rest_of(const char *path, const char *head, bool open_end) {
  const size_t bytes = strlen(head);
  if (strncmp(path, head, bytes) != 0) return NULL;
  return open_end || path[bytes] == '/' || path[bytes] == '\0' ? path + bytes : NULL;
}

const char *tree_path(const char *path, char buffer[PATH_MAX]) {
  /* Most paths of a program are none of ours: they are told by their first letters. */
  if (folder_bytes_ == 0 || path == NULL || path[0] != '/') return path;
  if (path[1] != 'd' && path[1] != 's' && path[1] != 'r') return path;
  for (int i = 0; i < MAPPED; i++) {
    const char *rest = rest_of(path, MAP[i].machine, MAP[i].open_end);
    if (rest == NULL) continue;
    const int bytes =
        snprintf(buffer, PATH_MAX, "%s/%s%s%s%s", folder_, MAP[i].sys ? SYS : "", MAP[i].sys ? "/" : "", MAP[i].tree, rest);
    if (bytes >= PATH_MAX) return path;
    const int error = errno;
    char link[1];
    /* EINVAL: there is something, and it is no link. */
    const bool there = REAL(readlinkat)(AT_FDCWD, buffer, link, sizeof link) >= 0 || errno == EINVAL;
    errno = error;
    return there ? buffer : path;
  }
  return path;
}

static bool path_of(int fd, char path[PATH_MAX]) {
  char link[32];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const int error = errno;
  const ssize_t bytes = REAL(readlinkat)(AT_FDCWD, link, path, PATH_MAX - 1);
  errno = error;
  if (bytes <= 0) return false;
  path[bytes] = '\0';
  return path[0] == '/';
}

/* libudev goes down from / folder by folder; only at these names may its way lead into the tree. */
static bool may_lead_here(const char *path) {
  return strstr(path, "input") != NULL || strncmp(path, "event", 5) == 0 || strncmp(path, "js", 2) == 0 ||
         strncmp(path, "13:", 3) == 0;
}

const char *tree_path_at(int folder, const char *path, char buffer[PATH_MAX]) {
  if (path == NULL || path[0] == '/') return tree_path(path, buffer);
  if (folder_bytes_ == 0 || folder == AT_FDCWD || !may_lead_here(path)) return path;
  char whole[PATH_MAX];
  if (!path_of(folder, whole)) return path;
  const size_t bytes = strlen(whole);
  if (bytes + 1 + strlen(path) >= PATH_MAX) return path;
  /* The root's own slash is there already. */
  snprintf(whole + bytes, PATH_MAX - bytes, "%s%s", bytes == 1 ? "" : "/", path);
  if (rest_of(whole, folder_, false) != NULL) return strcpy(buffer, whole);
  return tree_path(whole, buffer) == buffer ? buffer : path;
}

void tree_unmap(char *path, size_t bytes) {
  const char *rest = folder_bytes_ == 0 ? NULL : rest_of(path, folder_, false);
  if (rest == NULL || rest[0] != '/') return;
  rest += 1;
  const bool sys = rest_of(rest, SYS, false) != NULL;
  if (sys) rest += strlen(SYS);
  for (int i = 0; i < MAPPED; i++) {
    const char *tail = MAP[i].sys == sys ? rest_of(sys ? rest + 1 : rest, MAP[i].tree, MAP[i].open_end) : NULL;
    char machine[PATH_MAX];
    if (tail == NULL || (size_t)snprintf(machine, sizeof machine, "%s%s", MAP[i].machine, tail) >= bytes) continue;
    strcpy(path, machine);
    return;
  }
}

bool tree_node(const char *path, struct pad_node *node) {
  const char *rest = folder_bytes_ == 0 ? NULL : rest_of(path, folder_, false);
  if (rest == NULL) return false;
  /* "node" is where the sockets are bound, "input" where they appear once they listen. */
  if (strncmp(rest, "/input/", 7) == 0) rest += 7;
  else if (strncmp(rest, "/node/", 6) == 0) rest += 6;
  else return false;
  const bool js = strncmp(rest, "js", 2) == 0;
  if (!js && strncmp(rest, "event", 5) != 0) return false;
  rest += js ? 2 : 5;
  if (rest[0] < '0' || rest[0] > '9' || rest[1] != '\0') return false;
  node->kind = js ? PAD_JS : PAD_EVENT;
  node->index = rest[0] - '0';
  return true;
}

bool tree_holds(int fd, const char *part) {
  char path[PATH_MAX];
  if (folder_bytes_ == 0 || !path_of(fd, path)) return false;
  const char *rest = rest_of(path, folder_, false);
  return rest != NULL && strncmp(rest + 1, part, strlen(part)) == 0;
}
