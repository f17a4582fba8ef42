/* Work in a process of its own, so that a driver that crashes or hangs takes that away and nothing else. */
#pragma once

#include <stdio.h>
#include <sys/types.h>

/* How long one may take, seconds: drivers of data centre cards need more than one for the first context. */
#define CHILD_SECONDS 9.0
#define WHY_BYTES 300

struct child {
  pid_t pid;
  int pipe;
  double deadline;
};

/* Starts `work`, which answers by writing to `out`. What drivers print on standard output goes to standard error. */
void child_start(struct child *child, double seconds, void (*work)(FILE *out, const void *about), const void *about);

/* What it wrote, to be freed; or NULL, and `why`: the signal, the exit status, or that its time was over. */
char *child_end(struct child *child, char why[WHY_BYTES]);

/* Both: prints what it wrote, or calls `instead` with why there is nothing. */
void child_answer(FILE *out, double seconds, void (*work)(FILE *out, const void *about), const void *about,
                  void (*instead)(FILE *out, const char *why));
