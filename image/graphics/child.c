/* Work in a process of its own: see child.h. */
#define _GNU_SOURCE
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scene.h"

static void run(int pipe, void (*work)(FILE *out, const void *about), const void *about) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  dup2(STDERR_FILENO, STDOUT_FILENO);
  FILE *out = fdopen(pipe, "w");
  if (out == NULL) _exit(2);
  work(out, about);
  /* Without the libraries' own last words: some crash there. */
  _exit(fclose(out) == 0 ? 0 : 2);
}

void child_start(struct child *child, double seconds, void (*work)(FILE *out, const void *about), const void *about) {
  int ends[2];
  child->pid = -1;
  child->deadline = seconds_now() + seconds;
  if (pipe2(ends, O_CLOEXEC) != 0) return;
  fflush(NULL);
  child->pid = fork();
  if (child->pid == 0) {
    close(ends[0]);
    run(ends[1], work, about);
  }
  close(ends[1]);
  child->pipe = ends[0];
}

/* Reads to the end or to the deadline: whether the end came. */
static bool read_all(const struct child *child, FILE *text) {
  for (;;) {
    const double left = child->deadline - seconds_now();
    struct pollfd one = {.fd = child->pipe, .events = POLLIN};
    if (poll(&one, 1, left > 0 ? (int)(left * 1000) + 1 : 0) <= 0) {
      if (left > 0 && errno == EINTR) continue;
      return false;
    }
    char buffer[4096];
    const ssize_t bytes = read(child->pipe, buffer, sizeof buffer);
    if (bytes <= 0) return true;
    fwrite(buffer, 1, (size_t)bytes, text);
  }
}

char *child_end(struct child *child, char why[WHY_BYTES]) {
  if (child->pid < 0) {
    snprintf(why, WHY_BYTES, "no process could be started: %s", strerror(errno));
    return NULL;
  }
  char *text = NULL;
  size_t bytes = 0;
  FILE *memory = open_memstream(&text, &bytes);
  const bool is_over = read_all(child, memory);
  fclose(memory);
  close(child->pipe);
  if (!is_over) kill(child->pid, SIGKILL);
  int status = 0;
  while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR) continue;
  if (is_over && WIFEXITED(status) && WEXITSTATUS(status) == 0) return text;
  free(text);
  if (!is_over) snprintf(why, WHY_BYTES, "the driver gave no answer in time");
  else if (WIFSIGNALED(status)) snprintf(why, WHY_BYTES, "the driver crashed (SIG%s)", sigabbrev_np(WTERMSIG(status)));
  else snprintf(why, WHY_BYTES, "the driver ended the program (exit status %d)", WEXITSTATUS(status));
  return NULL;
}

void child_answer(FILE *out, double seconds, void (*work)(FILE *out, const void *about), const void *about,
                  void (*instead)(FILE *out, const char *why)) {
  struct child child;
  char why[WHY_BYTES];
  child_start(&child, seconds, work, about);
  char *text = child_end(&child, why);
  if (text != NULL) fputs(text, out);
  else instead(out, why);
  free(text);
}
