// SPDX-License-Identifier: GPL-2.0-or-later
// The encoders of this add-on by name: see encoders.h. Those of modules are opened by the dynamic linker when they are first
// asked for, from beside the add-on.

#include "encoders.h"

#include <dlfcn.h>

#include <array>
#include <map>
#include <mutex>

#include "encoder_module.h"
#include "render_nodes.h"

namespace eglantine {
namespace {

/** Families with a module "eglantine-NAME.node"; see binding.gyp. */
constexpr std::array<const char*, 6> kModules = {"vpx", "aom", "svt", "x265", "openh264", "vaapi"};

/** The folder that this add-on was loaded from, with a slash. */
std::string ownFolder() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&ownFolder), &info) == 0 || info.dli_fname == nullptr) return "";
  const std::string path = info.dli_fname;
  return path.substr(0, path.rfind('/') + 1);
}

OpenEncoder* loadModule(const std::string& family, std::string& error) {
  void* const module = dlopen((ownFolder() + "eglantine-" + family + ".node").c_str(), RTLD_NOW | RTLD_LOCAL);
  if (module == nullptr) {
    error = std::string("it does not load: ") + dlerror();
    return nullptr;
  }
  auto* const open = reinterpret_cast<OpenEncoder*>(dlsym(module, "eglantineOpenEncoder"));
  if (open == nullptr) error = "its module exports nothing";
  return open;
}

/** Loads a family's module once; one that did not load is tried again, for its library may have been installed since. */
OpenEncoder* moduleOf(const std::string& family, std::string& error) {
  static std::mutex mutex;
  static std::map<std::string, OpenEncoder*> loaded;
  const std::lock_guard<std::mutex> lock(mutex);
  OpenEncoder*& open = loaded[family];
  if (open == nullptr) open = loadModule(family, error);
  return open;
}

}  // namespace

std::unique_ptr<Encoder> openEncoder(const std::string& name, const EncoderSettings& settings, std::string& error) {
  const size_t dash = name.find('-');
  const std::string family = name.substr(0, dash);
  const std::string what = dash == std::string::npos ? "" : name.substr(dash + 1);
  if (family == "x264") return openX264(settings, error);
  if (family == "nvenc") return openNvenc(what, settings, error);
  for (const char* const module : kModules) {
    if (family != module) continue;
    if (settings.chroma444) {
      error = "it codes 4:2:0 alone";
      return nullptr;
    }
    // Before a hundred libraries are loaded in vain, and the first picture waits for them.
    if (family == "vaapi" && renderNodes().empty()) {
      error = "no GPU with VA-API: there is no /dev/dri/renderD*";
      return nullptr;
    }
    OpenEncoder* const open = moduleOf(family, error);
    return std::unique_ptr<Encoder>(open == nullptr ? nullptr : open(what, settings, error));
  }
  error = "there is no encoder named \"" + name + "\"";
  return nullptr;
}

}  // namespace eglantine
