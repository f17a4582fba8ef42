/* The numbers of uploaded effects, and the effects on their way to the agent: see force.h. */
#define _GNU_SOURCE
#include "force.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "device.h"
#include "real.h"

/* Effects belong to one opening of a pad, whatever numbers its file descriptors have: to its socket. */
static struct owner {
  ino_t socket;
  uint32_t used; /* a bit for each effect */
} owners_[64];
static unsigned next_;
static pthread_mutex_t lock_ = PTHREAD_MUTEX_INITIALIZER;

static struct owner *owner_of(int fd) {
  struct stat64 about;
  if (REAL(fstat64)(fd, &about) != 0) return NULL;
  for (unsigned i = 0; i < sizeof owners_ / sizeof owners_[0]; i++) {
    if (owners_[i].socket == about.st_ino) return &owners_[i];
  }
  struct owner *owner = &owners_[next_++ % (sizeof owners_ / sizeof owners_[0])];
  *owner = (struct owner){.socket = about.st_ino};
  return owner;
}

static int number_of(int fd, int wanted) {
  struct owner *owner = owner_of(fd);
  if (owner == NULL) return -1;
  if (wanted >= 0) {
    const bool known = wanted < FORCE_EFFECTS && (owner->used & (1u << wanted)) != 0;
    if (!known) errno = EINVAL;
    return known ? wanted : -1;
  }
  for (int id = 0; id < FORCE_EFFECTS; id++) {
    if ((owner->used & (1u << id)) != 0) continue;
    owner->used |= 1u << id;
    return id;
  }
  errno = ENOSPC;
  return -1;
}

int force_upload(int fd, struct ff_effect *effect) {
  unsigned strong = 0;
  unsigned weak = 0;
  switch (effect->type) {
    case FF_RUMBLE:
      strong = effect->u.rumble.strong_magnitude;
      weak = effect->u.rumble.weak_magnitude;
      break;
    /* As ff-memless makes them rumble. */
    case FF_PERIODIC:
      strong = weak = (unsigned)abs(effect->u.periodic.magnitude) * 2;
      if (strong > 0xffff) strong = weak = 0xffff;
      break;
    default:
      errno = EINVAL;
      return -1;
  }
  pthread_mutex_lock(&lock_);
  const int id = number_of(fd, effect->id);
  pthread_mutex_unlock(&lock_);
  if (id < 0) return -1;
  effect->id = (__s16)id;
  device_send(fd, DEVICE_FORCE_LEVELS, (uint16_t)id, (int32_t)(strong << 16 | weak));
  device_send(fd, DEVICE_FORCE_REPLAY, (uint16_t)id, (int32_t)((unsigned)effect->replay.length << 16 | effect->replay.delay));
  return 0;
}

int force_erase(int fd, int id) {
  pthread_mutex_lock(&lock_);
  const int known = id < 0 ? -1 : number_of(fd, id);
  if (known >= 0) owner_of(fd)->used &= ~(1u << known);
  pthread_mutex_unlock(&lock_);
  if (known < 0) {
    errno = EINVAL;
    return -1;
  }
  device_send(fd, DEVICE_FORCE_ERASE, (uint16_t)known, 0);
  return 0;
}
