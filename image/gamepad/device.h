/*
 * An open gamepad: a connection to the agent's socket, so that poll, select and epoll are the kernel's own, and read() gives
 * what the agent wrote, which is whole struct input_event or js_event. What goes up is struct input_event, too: force
 * feedback as the program writes it, and what it says by ioctl as the types below. apps/agent/src/linux/pad-node.ts is the other end.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tree.h"

/*
 * First bytes of a connection: these, then sizeof(long), which says how long the program's struct input_event is, then what
 * pad_file.changes was before. A program may ask for the pad's state at once, and hear of what changed only from when the agent
 * has taken its connection: where that is something, it is told all of it.
 */
#define DEVICE_HELLO "EGP1"

/* Types of the events that stand for an ioctl; `code` is the effect's number. The kernel's own types end at 0x1f. */
enum {
  DEVICE_FORCE_LEVELS = 0x7001, /* strong magnitude << 16 | weak magnitude */
  DEVICE_FORCE_REPLAY = 0x7002, /* length << 16 | delay, ms */
  DEVICE_FORCE_ERASE = 0x7003,
  DEVICE_CLOCK = 0x7004, /* value: the clockid_t that time stamps are of */
};

/* Opens the node at that path of the tree; -1 and errno as open() would. */
int device_open(const char *path, const struct pad_node *node, int flags);

/* Is this an open gamepad, also one that is unplugged by now? */
bool device_of(int fd, struct pad_node *node);

/* One event to the agent. A socket that takes nothing more loses it, as a full device does. */
void device_send(int fd, uint16_t type, uint16_t code, int32_t value);

/* What a descriptor may be, since it was opened or copied, so that other files' are never asked about. To be checked where it is not none. */
enum device_mark { MARK_NONE, MARK_DEVICE, MARK_MONITOR };
void device_mark(int fd, enum device_mark mark);
enum device_mark device_marked(int fd);
