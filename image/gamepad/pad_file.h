/*
 * What one gamepad is and what it is doing now: the file pad/N of the tree. Written by apps/agent/src/linux/pad-file.ts in
 * the machine's own byte order; bit fields are as the kernel's, bit 0 the lowest of the first byte.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PAD_FILE_MAGIC 0x31504745u /* "EGP1" */

struct pad_file {
  uint32_t magic;
  uint32_t bytes; /* of this structure */
  uint16_t bus, vendor, product, version;
  char name[64];
  char phys[64];
  uint8_t types[8];  /* EV_… that it has */
  uint8_t keys[96];  /* KEY_…, BTN_… that it has */
  uint8_t axes[8];   /* ABS_… that it has */
  uint8_t force[16]; /* FF_… that it has */
  uint8_t held[96];  /* keys that are down now */
  struct {
    int32_t value, minimum, maximum, fuzz, flat, resolution;
  } axis[64]; /* by ABS_…; `value`: now */
  uint32_t js_axes, js_buttons;
  uint8_t js_axis[64];     /* ABS_… of each axis of jsN */
  uint16_t js_button[128]; /* BTN_… of each button of jsN */
  uint32_t changes;        /* how often `held` or a value has changed */
};

/* False when the pad is gone. */
bool pad_file_read(int index, struct pad_file *pad);
