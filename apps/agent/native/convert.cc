// SPDX-License-Identifier: GPL-2.0-or-later
// Pixels of the X server → NV12 or full-size Y, U, V, and which macroblocks have really changed. From screen.cc, into picture.h.
//
// Own row code instead of libyuv: the ARGBToI420 of libyuv is BT.601 and has no matrix argument, and the comparison with
// the picture before costs next to nothing here, while both values are in registers. Two rows and 16 pixels at a time.
//
// BT.709 (Rec. ITU-R BT.709-6, 3.2 to 3.5): Y' = 0.2126 R' + 0.7152 G' + 0.0722 B', limited range: 219 and 224 steps.

#include "convert.h"

#include <immintrin.h>

#include <algorithm>
#include <cstring>

namespace eglantine {
namespace {

// Luma in 1/256, blue, green, red: 219/255 of the weights above; they sum to 220/256 so that white is 235.
constexpr int kLumaB = 16, kLumaG = 157, kLumaR = 47;
// Black's 16, half a step, and less half of what the weights give white too much: then light greys, a page's, are rounded
// as the formula rounds them.
constexpr int kLumaBias = 16 * 256 + 128 - 18;
// Chroma in 1/8192: they sum to zero so that grey has no colour.
constexpr int kUb = 3598, kUg = -2774, kUr = -824;
constexpr int kVb = -330, kVg = -3268, kVr = 3598;

/** What one step of 16×2 pixels found. */
struct Finding {
  uint32_t difference;
  uint32_t activity;
};

/** Where 16×2 pixels go, both rows of them. */
struct Rows {
  uint8_t* luma[2];
  /** NV12: one row of both. Else: both rows of U and of V. */
  uint8_t* chroma;
  uint8_t* u[2];
  uint8_t* v[2];

  Rows at(int x) const {
    return {{luma[0] + x, luma[1] + x}, chroma + x, {u[0] + x, u[1] + x}, {v[0] + x, v[1] + x}};
  }
};

inline uint32_t absolute(int value) { return uint32_t(value < 0 ? -value : value); }

inline uint8_t chromaOf(int blue, int green, int red, int weightB, int weightG, int weightR, int shift) {
  return uint8_t((blue * weightB + green * weightG + red * weightR + (128 << shift) + (1 << (shift - 1))) >> shift);
}

Finding lumaScalar(const uint8_t* const (&rows)[2], uint8_t* const (&lumaRows)[2]) {
  Finding found{0, 0};
  for (int r = 0; r < 2; r++) {
    for (int x = 0; x < 16; x++) {
      const uint8_t* p = rows[r] + x * 4;
      const uint8_t y = uint8_t((p[0] * kLumaB + p[1] * kLumaG + p[2] * kLumaR + kLumaBias) >> 8);
      found.difference += absolute(y - lumaRows[r][x]);
      lumaRows[r][x] = y;
    }
    for (int x = 0; x < 15; x++) found.activity += absolute(lumaRows[r][x] - lumaRows[r][x + 1]);
  }
  for (int x = 0; x < 16; x++) found.activity += absolute(lumaRows[0][x] - lumaRows[1][x]);
  return found;
}

Finding convertScalar(const uint8_t* row0, const uint8_t* row1, const Rows& to) {
  Finding found = lumaScalar({row0, row1}, to.luma);
  uint8_t* const chroma = to.chroma;
  for (int x = 0; x < 8; x++) {
    const uint8_t* a = row0 + x * 8;
    const uint8_t* b = row1 + x * 8;
    const int blue = a[0] + a[4] + b[0] + b[4], green = a[1] + a[5] + b[1] + b[5], red = a[2] + a[6] + b[2] + b[6];
    const uint8_t u = chromaOf(blue, green, red, kUb, kUg, kUr, 15), v = chromaOf(blue, green, red, kVb, kVg, kVr, 15);
    found.difference += absolute(u - chroma[x * 2]) + absolute(v - chroma[x * 2 + 1]);
    chroma[x * 2] = u;
    chroma[x * 2 + 1] = v;
  }
  return found;
}

Finding convertFullScalar(const uint8_t* row0, const uint8_t* row1, const Rows& to) {
  Finding found = lumaScalar({row0, row1}, to.luma);
  for (int r = 0; r < 2; r++) {
    for (int x = 0; x < 16; x++) {
      const uint8_t* p = (r == 0 ? row0 : row1) + x * 4;
      const uint8_t u = chromaOf(p[0], p[1], p[2], kUb, kUg, kUr, 13), v = chromaOf(p[0], p[1], p[2], kVb, kVg, kVr, 13);
      found.difference += absolute(u - to.u[r][x]) + absolute(v - to.v[r][x]);
      to.u[r][x] = u;
      to.v[r][x] = v;
    }
  }
  return found;
}

#if defined(__x86_64__)
#define EGLANTINE_AVX2 __attribute__((target("avx2")))

EGLANTINE_AVX2 inline uint32_t sumOfHalves(__m128i sums) {
  return uint32_t(_mm_cvtsi128_si32(sums)) + uint32_t(_mm_extract_epi32(sums, 2));
}

/** 16 pixels → 16 luma bytes. Pixels are made signed so that the weights may be unsigned bytes (maddubs wants both). */
EGLANTINE_AVX2 inline __m128i lumaOf(__m256i low, __m256i high) {
  const __m256i weights = _mm256_set1_epi32((kLumaR << 16) | (kLumaG << 8) | kLumaB);
  const __m256i sign = _mm256_set1_epi8(char(0x80));
  const __m256i bias = _mm256_set1_epi16((kLumaB + kLumaG + kLumaR) * 128 + kLumaBias);
  const __m256i a = _mm256_maddubs_epi16(weights, _mm256_xor_si256(low, sign));
  const __m256i b = _mm256_maddubs_epi16(weights, _mm256_xor_si256(high, sign));
  const __m256i sums = _mm256_srli_epi16(_mm256_add_epi16(_mm256_hadd_epi16(a, b), bias), 8);
  // Lanes hold pixels 0-3 8-11 | 4-7 12-15.
  const __m128i packed = _mm_packus_epi16(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
  return _mm_shuffle_epi32(packed, 0xd8);
}

/** Two rows of 8 pixels → per channel the sum of 2×2, 16 bit: B G R x of four chroma samples. */
EGLANTINE_AVX2 inline __m256i sumsOf(__m256i row0, __m256i row1) {
  const __m256i pairs = _mm256_setr_epi8(0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15, 0, 4, 1, 5, 2, 6, 3, 7, 8,
                                         12, 9, 13, 10, 14, 11, 15);
  const __m256i ones = _mm256_set1_epi8(1);
  return _mm256_add_epi16(_mm256_maddubs_epi16(_mm256_shuffle_epi8(row0, pairs), ones),
                          _mm256_maddubs_epi16(_mm256_shuffle_epi8(row1, pairs), ones));
}

/** How much two rows of luma differ among themselves; the last byte of a row is compared with itself. */
EGLANTINE_AVX2 inline __m128i activityOf(__m128i y0, __m128i y1) {
  const __m128i next = _mm_setr_epi8(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15);
  return _mm_add_epi64(_mm_sad_epu8(y0, y1), _mm_add_epi64(_mm_sad_epu8(y0, _mm_shuffle_epi8(y0, next)),
                                                           _mm_sad_epu8(y1, _mm_shuffle_epi8(y1, next))));
}

/** Writes 16 bytes and returns how much they differ from those before. */
EGLANTINE_AVX2 inline __m128i renew(uint8_t* place, __m128i bytes) {
  __m128i* const at = reinterpret_cast<__m128i*>(place);
  const __m128i difference = _mm_sad_epu8(bytes, _mm_loadu_si128(at));
  _mm_storeu_si128(at, bytes);
  return difference;
}

/** 8 pixels → 8 samples of 32 bits, in their order. */
EGLANTINE_AVX2 inline __m256i chromaOf8(__m256i pixels, __m256i weights) {
  const __m256i zero = _mm256_setzero_si256();
  const __m256i sums = _mm256_hadd_epi32(_mm256_madd_epi16(_mm256_unpacklo_epi8(pixels, zero), weights),
                                         _mm256_madd_epi16(_mm256_unpackhi_epi8(pixels, zero), weights));
  return _mm256_srai_epi32(_mm256_add_epi32(sums, _mm256_set1_epi32((128 << 13) + (1 << 12))), 13);
}

EGLANTINE_AVX2 Finding convertFullAvx2(const uint8_t* row0, const uint8_t* row1, const Rows& to) {
  const __m256i weightsU =
      _mm256_setr_epi16(kUb, kUg, kUr, 0, kUb, kUg, kUr, 0, kUb, kUg, kUr, 0, kUb, kUg, kUr, 0);
  const __m256i weightsV =
      _mm256_setr_epi16(kVb, kVg, kVr, 0, kVb, kVg, kVr, 0, kVb, kVg, kVr, 0, kVb, kVg, kVr, 0);
  const uint8_t* const rows[2] = {row0, row1};
  __m128i y[2], difference = _mm_setzero_si128();
  for (int r = 0; r < 2; r++) {
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows[r]));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows[r] + 32));
    y[r] = lumaOf(low, high);
    // 16 bits: samples 0-3 8-11 | 4-7 12-15 of each.
    const __m256i u = _mm256_packs_epi32(chromaOf8(low, weightsU), chromaOf8(high, weightsU));
    const __m256i v = _mm256_packs_epi32(chromaOf8(low, weightsV), chromaOf8(high, weightsV));
    const __m256i bytes = _mm256_packus_epi16(u, v);
    const __m128i even = _mm256_castsi256_si128(bytes), odd = _mm256_extracti128_si256(bytes, 1);
    difference = _mm_add_epi64(difference, renew(to.luma[r], y[r]));
    difference = _mm_add_epi64(difference, renew(to.u[r], _mm_unpacklo_epi32(even, odd)));
    difference = _mm_add_epi64(difference, renew(to.v[r], _mm_unpackhi_epi32(even, odd)));
  }
  return {sumOfHalves(difference), sumOfHalves(activityOf(y[0], y[1]))};
}

EGLANTINE_AVX2 Finding convertAvx2(const uint8_t* row0, const uint8_t* row1, const Rows& to) {
  const __m256i a0 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row0));
  const __m256i a1 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row0 + 32));
  const __m256i b0 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row1));
  const __m256i b1 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row1 + 32));

  const __m128i y0 = lumaOf(a0, a1), y1 = lumaOf(b0, b1);

  const __m256i weightsU =
      _mm256_setr_epi16(kUb, kUg, kUr, 0, kUb, kUg, kUr, 0, kUb, kUg, kUr, 0, kUb, kUg, kUr, 0);
  const __m256i weightsV =
      _mm256_setr_epi16(kVb, kVg, kVr, 0, kVb, kVg, kVr, 0, kVb, kVg, kVr, 0, kVb, kVg, kVr, 0);
  const __m256i bias = _mm256_set1_epi32((128 << 15) + (1 << 14));
  const __m256i s0 = sumsOf(a0, b0), s1 = sumsOf(a1, b1);
  // Per lane: u u v v of two samples.
  const __m256i c0 = _mm256_srai_epi32(
      _mm256_add_epi32(_mm256_hadd_epi32(_mm256_madd_epi16(s0, weightsU), _mm256_madd_epi16(s0, weightsV)), bias), 15);
  const __m256i c1 = _mm256_srai_epi32(
      _mm256_add_epi32(_mm256_hadd_epi32(_mm256_madd_epi16(s1, weightsU), _mm256_madd_epi16(s1, weightsV)), bias), 15);
  const __m256i words = _mm256_packs_epi32(c0, c1);  // samples 0 1 | 4 5 in the low lane, 2 3 | 6 7 in the high one
  const __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  // bytes: u0 u1 v0 v1 u4 u5 v4 v5 u2 u3 v2 v3 u6 u7 v6 v7
  const __m128i uv = _mm_shuffle_epi8(bytes, _mm_setr_epi8(0, 2, 1, 3, 8, 10, 9, 11, 4, 6, 5, 7, 12, 14, 13, 15));

  const __m128i activity = activityOf(y0, y1);
  const __m128i difference = _mm_add_epi64(_mm_add_epi64(renew(to.luma[0], y0), renew(to.luma[1], y1)), renew(to.chroma, uv));
  return {sumOfHalves(difference), sumOfHalves(activity)};
}

template <Finding convert16(const uint8_t*, const uint8_t*, const Rows&)>
EGLANTINE_AVX2 void convertRowsAvx2(const uint8_t* row0, const uint8_t* row1, int groups, const Rows& to,
                                    uint32_t* difference, uint32_t* activity) {
  for (int g = 0; g < groups; g++) {
    const Finding found = convert16(row0 + g * 64, row1 + g * 64, to.at(g * 16));
    difference[g] += found.difference;
    activity[g] += found.activity;
  }
}
#endif

template <Finding convert16(const uint8_t*, const uint8_t*, const Rows&)>
void convertRowsScalar(const uint8_t* row0, const uint8_t* row1, int groups, const Rows& to, uint32_t* difference,
                       uint32_t* activity) {
  for (int g = 0; g < groups; g++) {
    const Finding found = convert16(row0 + g * 64, row1 + g * 64, to.at(g * 16));
    difference[g] += found.difference;
    activity[g] += found.activity;
  }
}

using ConvertRows = void (*)(const uint8_t*, const uint8_t*, int, const Rows&, uint32_t*, uint32_t*);

ConvertRows fastestRows(bool full) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return full ? &convertRowsAvx2<convertFullAvx2> : &convertRowsAvx2<convertAvx2>;
#endif
  return full ? &convertRowsScalar<convertFullScalar> : &convertRowsScalar<convertScalar>;
}

/** The picture's rows y and y + 1 from column x on. */
Rows rowsOf(const Picture& picture, int x, int y) {
  const size_t stride = size_t(picture.stride), at = size_t(y) * stride + size_t(x);
  uint8_t* const luma = picture.luma + at;
  if (!picture.chroma444) {
    uint8_t* const chroma = picture.chroma + size_t(y / 2) * stride + x;
    return {{luma, luma + stride}, chroma, {chroma, chroma}, {chroma, chroma}};
  }
  uint8_t *const u = picture.u + at, *const v = picture.v + at;
  return {{luma, luma + stride}, u, {u, u + stride}, {v, v + stride}};
}

}  // namespace

bool convert(const uint8_t* pixels, int pixelStride, const Rect& rect, Picture& picture) {
  static const ConvertRows fast[2] = {fastestRows(false), fastestRows(true)};
  const ConvertRows convertRows = fast[picture.chroma444];
  const int firstColumn = rect.x / kMacroblockPx;
  const int bottom = std::min(rect.y + rect.height, picture.heightPx);
  const int width = std::min(rect.width, picture.widthPx - rect.x);
  if (width <= 0) return false;
  const int groups = width / kMacroblockPx;
  const int tailPx = width % kMacroblockPx;
  const int columns = groups + (tailPx > 0 ? 1 : 0);
  bool anything = false;
  std::vector<uint32_t> difference(size_t(columns), 0), activity(size_t(columns), 0);
  for (int top = rect.y; top < bottom; top += kMacroblockPx) {
    std::fill(difference.begin(), difference.end(), 0);
    std::fill(activity.begin(), activity.end(), 0);
    for (int y = top; y < std::min(top + kMacroblockPx, bottom); y += 2) {
      const uint8_t* row0 = pixels + size_t(y - rect.y) * size_t(pixelStride);
      const uint8_t* row1 = row0 + pixelStride;
      const Rows to = rowsOf(picture, rect.x, y);
      convertRows(row0, row1, groups, to, difference.data(), activity.data());
      if (tailPx > 0) {
        // The picture ends within a macroblock: its last pixel is repeated to the macroblock's edge.
        uint8_t padded[2][64];
        for (int r = 0; r < 2; r++) {
          const uint8_t* tail = (r == 0 ? row0 : row1) + groups * 64;
          memcpy(padded[r], tail, size_t(tailPx) * 4);
          for (int x = tailPx; x < 16; x++) memcpy(padded[r] + x * 4, tail + (tailPx - 1) * 4, 4);
        }
        convertRows(padded[0], padded[1], 1, to.at(groups * 16), difference.data() + groups, activity.data() + groups);
      }
    }
    const size_t first = size_t(top / kMacroblockPx) * size_t(picture.macroblocksWide) + size_t(firstColumn);
    for (int column = 0; column < columns; column++) {
      picture.activity[first + size_t(column)] = activity[size_t(column)];
      if (difference[size_t(column)] == 0) continue;
      picture.changed[first + size_t(column)] = 1;
      picture.difference[first + size_t(column)] += difference[size_t(column)];
      anything = true;
    }
  }
  return anything;
}

}  // namespace eglantine
