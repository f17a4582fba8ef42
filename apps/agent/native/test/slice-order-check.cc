// SPDX-License-Identifier: GPL-2.0-or-later
// Hands pictures to slice_order.cc as encoder threads do, slices in random order and at random moments, many times over: the
// parts must be the byte stream in order, begin with the header and end with one last part. Prints "ok" or what is wrong.

#include "../slice_order.cc"

#include <cstdio>
#include <random>
#include <thread>

using namespace eglantine;

int main() {
  std::mt19937 random(1);
  SliceOrder order;
  for (int round = 0; round < 2000; round++) {
    const int count = 1 + int(random() % 4);
    std::vector<uint8_t> expected = {255}, got;
    std::vector<Slice> slices;
    int next = 0, lasts = 0, parts = 0;
    for (int i = 0; i < count; i++) {
      Slice slice;
      slice.firstMacroblock = next;
      next += 1 + int(random() % 2000);
      slice.lastMacroblock = next - 1;
      slice.bytes.assign(1 + random() % 20000, uint8_t(i));
      expected.insert(expected.end(), slice.bytes.begin(), slice.bytes.end());
      slices.push_back(std::move(slice));
    }
    const std::function<void(CodedPart)> out = [&](CodedPart part) {
      got.insert(got.end(), part.data.get(), part.data.get() + part.bytes);
      lasts += part.last;
      parts++;
      if (part.keyframe != (round % 2 == 0)) lasts = 99;
    };
    order.begin(next, 0, out);
    Slice header;
    header.bytes = {255};
    order.addHeader(header);
    std::shuffle(slices.begin(), slices.end(), random);
    const bool threads = round % 4 == 0;
    std::vector<std::thread> running;
    for (Slice& slice : slices) {
      const int64_t nowUs = int64_t(random() % 8000);
      const auto add = [&order, &slice, round, nowUs] { order.add(std::move(slice), round % 2 == 0, nowUs); };
      if (threads) {
        running.emplace_back(add);
      } else if (order.complete()) {
        return printf("round %d: complete before the last slice\n", round), 1;
      } else {
        add();
      }
    }
    for (std::thread& thread : running) thread.join();
    if (got != expected) return printf("round %d: the parts are not the byte stream\n", round), 1;
    if (lasts != 1 || parts > 2 || !order.complete()) return printf("round %d: %d parts, %d last\n", round, parts, lasts), 1;
  }
  printf("ok\n");
  return 0;
}
