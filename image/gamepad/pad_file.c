/* Reads the file of one gamepad: see pad_file.h. For ioctl.c. */
#define _GNU_SOURCE
#include "pad_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "real.h"
#include "tree.h"

bool pad_file_read(int index, struct pad_file *pad) {
  char path[PATH_MAX];
  if (snprintf(path, sizeof path, "%s/pad/%d", tree_folder(), index) >= PATH_MAX) return false;
  const int error = errno;
  const int fd = REAL(openat)(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    errno = error;
    return false;
  }
  const ssize_t bytes = REAL(read)(fd, pad, sizeof *pad);
  close(fd);
  errno = error;
  return bytes == (ssize_t)sizeof *pad && pad->magic == PAD_FILE_MAGIC && pad->bytes == sizeof *pad;
}
