/* Force feedback: the effects that a program uploads to a gamepad. From ioctl.c, to the agent by device_send(). */
#pragma once

#include <linux/input.h>

/* As many as the kernel's ff-memless keeps. */
enum { FORCE_EFFECTS = 16 };

/* EVIOCSFF: gives a new effect (id -1) its number. Returns 0, or -1 and errno. */
int force_upload(int fd, struct ff_effect *effect);

/* EVIOCRMFF */
int force_erase(int fd, int id);
