/* Libraries opened while the program runs. */
#pragma once

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>

/* Opened so that its functions are found as if the program were linked with it: then what is preloaded (VirtualGL) comes first, as it does
 * for programs. Otherwise false, and why. */
static inline bool library_open(const char *name, char *why, size_t bytes) {
  if (dlopen(name, RTLD_NOW | RTLD_GLOBAL) != NULL) return true;
  const char *error = dlerror();
  snprintf(why, bytes, "%s", error != NULL ? error : name);
  return false;
}

/* A function of an opened library; NULL if there is none. */
static inline void *library_function(const char *name) { return dlsym(RTLD_DEFAULT, name); }
