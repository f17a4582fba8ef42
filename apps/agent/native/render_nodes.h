// SPDX-License-Identifier: GPL-2.0-or-later
// The GPUs that a program may use without a display. Used by encoders.cc and vaapi_encoder.cc.
#pragma once

#include <dirent.h>

#include <algorithm>
#include <string>
#include <vector>

namespace eglantine {

/** "/dev/dri/renderD…", in order. */
inline std::vector<std::string> renderNodes() {
  std::vector<std::string> nodes;
  DIR* const directory = opendir("/dev/dri");
  if (directory == nullptr) return nodes;
  while (const dirent* const entry = readdir(directory)) {
    const std::string name = entry->d_name;
    if (name.rfind("renderD", 0) == 0) nodes.push_back("/dev/dri/" + name);
  }
  closedir(directory);
  std::sort(nodes.begin(), nodes.end());
  return nodes;
}

}  // namespace eglantine
