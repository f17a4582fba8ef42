/* The C library's own function behind one that this library stands in front of, and what every file here needs of the build. */
#pragma once

#include <dlfcn.h>

/* One of the functions that programs call here in place of the C library's. Everything else stays inside. */
#define INTERPOSED __attribute__((visibility("default")))

#define REAL(name)                                                              \
  ({                                                                            \
    static __typeof__(&name) real_;                                             \
    if (real_ == NULL) real_ = (__typeof__(&name))dlsym(RTLD_NEXT, #name);      \
    real_;                                                                      \
  })
