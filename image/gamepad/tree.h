/*
 * The agent's tree of files that stand for gamepads: $EGLANTINE_GAMEPAD_DIR, written by apps/agent/src/linux/pad-tree.ts.
 *
 *   input/eventN, input/jsN   in place of /dev/input: Unix sockets of the agent, one connection for each open()
 *   sys64/…, sys32/…          in place of the entries below /sys; bit fields are printed in words of the program's size
 *   udev/…                    in place of those of /run/udev
 *   pad/N                     what the ioctls answer from: struct pad_file
 *
 * Whatever the tree does not hold is left as it is on the machine.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* A device node of the tree, by its name. */
struct pad_node {
  enum { PAD_EVENT, PAD_JS } kind;
  int index;
};

/* Its folder; NULL: there are no gamepads here, and this library does nothing. */
const char *tree_folder(void);

/* Where that path of the machine is: in the tree, if it is there, else `path` itself. Keeps errno. */
const char *tree_path(const char *path, char buffer[PATH_MAX]);

/* The same for a path that begins at an open folder. */
const char *tree_path_at(int folder, const char *path, char buffer[PATH_MAX]);

/* The path of the machine that a path in the tree stands for, in place. */
void tree_unmap(char *path, size_t bytes);

/* Does this path, or the socket bound to it, stand for a device node? */
bool tree_node(const char *path, struct pad_node *node);

/* Is this open file below that part of the tree, as "sys"? */
bool tree_holds(int fd, const char *part);
