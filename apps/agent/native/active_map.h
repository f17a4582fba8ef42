// SPDX-License-Identifier: GPL-2.0-or-later
// Which macroblocks of a picture libvpx and libaom are to look at: both take the same map. Kept by vpx_encoder.cc and aom_encoder.cc.

#pragma once

#include <algorithm>
#include <vector>

#include "encoder.h"

namespace eglantine {

class ActiveMap {
 public:
  /**
   * What is not to be coded is left as it was without a look at it. `Map` is the library's; `set` gets one where there is another than
   * for the picture before.
   */
  template <typename Map, typename Set>
  void apply(const EncodeRequest& request, Set set) {
    const auto codes = [](uint8_t treatment) { return treatment == kCode; };
    const std::vector<uint8_t>& treatment = request.treatment;
    const bool all = request.keyframe || std::all_of(treatment.begin(), treatment.end(), codes);
    if (all && !mapped_) return;
    mapped_ = !all;
    active_.resize(treatment.size());
    std::transform(treatment.begin(), treatment.end(), active_.begin(), codes);
    Map map{};
    map.rows = unsigned(request.picture.macroblocksHigh);
    map.cols = unsigned(request.picture.macroblocksWide);
    map.active_map = all ? nullptr : active_.data();
    set(&map);
  }

 private:
  bool mapped_ = false;
  std::vector<unsigned char> active_;
};

}  // namespace eglantine
