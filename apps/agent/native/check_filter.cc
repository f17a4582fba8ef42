// SPDX-License-Identifier: GPL-2.0-or-later
// A socket filter for ICE checks (SO_ATTACH_FILTER, socket(7); classic BPF). It runs in the kernel: four instructions for
// whatever is no STUN request. Called by addon.cc.

#include "check_filter.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>
#include <vector>

namespace eglantine {
namespace {

/** A filter of a UDP socket sees the UDP header first. STUN: RFC 8489, section 5; the roles: RFC 8445, section 16.1. */
constexpr uint32_t kUdpHeader = 8;
constexpr uint32_t kStunHeader = 20;
constexpr uint32_t kBindingRequest = 0x0001;
constexpr uint32_t kMagicCookie = 0x2112a442;
constexpr uint32_t kIceControlled = 0x8029;
constexpr uint32_t kIceControlling = 0x802a;
/** Head and value of such an attribute, bytes. */
constexpr uint32_t kRoleBytes = 12;
/** Browsers send the role as the third one. Each costs 16 instructions; a jump spans 255. */
constexpr int kAttributes = 8;

/** Jump targets that are known at the end. */
constexpr uint8_t kPass = 254;
constexpr uint8_t kDrop = 255;

std::vector<sock_filter> program() {
  std::vector<sock_filter> code;
  const auto add = [&code](uint16_t op, uint32_t k) { code.push_back({op, 0, 0, k}); };
  const auto jump = [&code](uint16_t op, uint32_t k, uint8_t yes, uint8_t no) { code.push_back({op, yes, no, k}); };
  constexpr uint16_t ifEqual = BPF_JMP | BPF_JEQ | BPF_K;
  // A load beyond the end would drop the packet; libjuice wakes itself with empty ones.
  add(BPF_LD | BPF_W | BPF_LEN, 0);
  jump(BPF_JMP | BPF_JGE | BPF_K, kUdpHeader + kStunHeader, 0, kPass);
  add(BPF_LD | BPF_H | BPF_ABS, kUdpHeader);
  jump(ifEqual, kBindingRequest, 0, kPass);
  add(BPF_LD | BPF_W | BPF_ABS, kUdpHeader + 4);
  jump(ifEqual, kMagicCookie, 0, kPass);
  add(BPF_LD | BPF_IMM, kUdpHeader + kStunHeader);
  for (int attribute = 0; attribute < kAttributes; ++attribute) {
    // A is where the attribute begins, X how long the packet is.
    add(BPF_ST, 0);
    add(BPF_LDX | BPF_W | BPF_LEN, 0);
    add(BPF_ALU | BPF_ADD | BPF_K, kRoleBytes);
    jump(BPF_JMP | BPF_JGT | BPF_X, 0, kPass, 0);
    add(BPF_LDX | BPF_W | BPF_MEM, 0);
    add(BPF_LD | BPF_H | BPF_IND, 0);
    jump(ifEqual, kIceControlling, 1, 0);
    jump(ifEqual, kIceControlled, 0, 4);
    add(BPF_LD | BPF_W | BPF_IND, 4);
    jump(ifEqual, 0, 0, kPass);
    add(BPF_LD | BPF_W | BPF_IND, 8);
    jump(ifEqual, 0, kDrop, kPass);
    // The next one: four bytes of head, and the value padded to four.
    add(BPF_LD | BPF_H | BPF_IND, 2);
    add(BPF_ALU | BPF_ADD | BPF_K, 7);
    add(BPF_ALU | BPF_AND | BPF_K, 0xfffc);
    add(BPF_ALU | BPF_ADD | BPF_X, 0);
  }
  const size_t pass = code.size();
  add(BPF_RET | BPF_K, 0xffffffff);
  add(BPF_RET | BPF_K, 0);
  for (size_t at = 0; at < pass; ++at) {
    if (BPF_CLASS(code[at].code) != BPF_JMP) continue;
    for (uint8_t* target : {&code[at].jt, &code[at].jf}) {
      if (*target == kPass) *target = static_cast<uint8_t>(pass - at - 1);
      else if (*target == kDrop) *target = static_cast<uint8_t>(pass - at);
    }
  }
  return code;
}

bool isBoundTo(int fd, uint16_t port) {
  int type = 0;
  socklen_t bytes = sizeof type;
  if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &bytes) != 0 || type != SOCK_DGRAM) return false;
  sockaddr_storage address{};
  bytes = sizeof address;
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&address), &bytes) == 0) return false;
  bytes = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &bytes) != 0) return false;
  if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in&>(address).sin_port) == port;
  return address.ss_family == AF_INET6 && ntohs(reinterpret_cast<sockaddr_in6&>(address).sin6_port) == port;
}

}  // namespace

int dropZeroTieBreakers(uint16_t port) {
  static std::vector<sock_filter> code = program();
  const sock_fprog filter{static_cast<unsigned short>(code.size()), code.data()};
  DIR* open = opendir("/proc/self/fd");
  if (open == nullptr) return 0;
  int taken = 0;
  while (const dirent* entry = readdir(open)) {
    const int fd = std::atoi(entry->d_name);
    if (fd == dirfd(open) || !isBoundTo(fd, port)) continue;
    if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0) ++taken;
  }
  closedir(open);
  return taken;
}

}  // namespace eglantine
