// SPDX-License-Identifier: GPL-2.0-or-later
// The socket of an X display on this machine: see display_socket.h. Used by screen.cc.

#include "display_socket.h"

#include <X11/Xauth.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>

namespace eglantine {
namespace {

/** `abstract`: by Linux's name, which is in no file system, as servers listen beside the file. */
int connectTo(const std::string& path, bool abstract) {
  const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return -1;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  memcpy(address.sun_path + (abstract ? 1 : 0), path.data(), path.size());
  const auto bytes = socklen_t(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address), bytes) == 0) return descriptor;
  close(descriptor);
  return -1;
}

}  // namespace

int localDisplayNumber(const std::string& display) {
  const size_t colon = display.find(':');
  if (colon == std::string::npos || (colon != 0 && display.compare(0, colon, "unix") != 0)) return -1;
  int number = 0;
  size_t at = colon + 1;
  for (; at < display.size() && display[at] >= '0' && display[at] <= '9' && number < 100000; at++) {
    number = number * 10 + (display[at] - '0');
  }
  const bool ended = at == display.size() || display[at] == '.';
  return at > colon + 1 && ended ? number : -1;
}

int connectDisplay(int number) {
  const std::string path = "/tmp/.X11-unix/X" + std::to_string(number);
  const int descriptor = connectTo(path, true);
  return descriptor >= 0 ? descriptor : connectTo(path, false);
}

Access findAccess(int number) {
  Access access;
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  const std::string text = std::to_string(number);
  char kind[] = "MIT-MAGIC-COOKIE-1";
  char* kinds[] = {kind};
  const int lengths[] = {int(strlen(kind))};
  Xauth* const entry = XauGetBestAuthByAddr(FamilyLocal, static_cast<unsigned short>(strlen(host)), host,
                                            static_cast<unsigned short>(text.size()), text.c_str(), 1, kinds, lengths);
  if (entry == nullptr) return access;
  access.name.assign(entry->name, entry->name_length);
  access.data.assign(entry->data, entry->data_length);
  XauDisposeAuth(entry);
  return access;
}

}  // namespace eglantine
