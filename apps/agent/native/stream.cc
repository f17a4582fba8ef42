// SPDX-License-Identifier: GPL-2.0-or-later
// One viewer's pictures: see stream.h. From screen.cc or card.cc by way of convert.cc and an encoder to addon.cc.

#include "stream.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "card.h"
#include "clock.h"
#include "convert.h"
#include "encoders.h"

namespace eglantine {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
// What is asked for is kept within what an encoder can do anything with.
constexpr int64_t kLeastBitrateBps = 50000;
constexpr int kMostFramesPerSecond = 240;
constexpr double kLeastScale = 0.1;
/** Of a scaled picture: less is refused by SVT-AV1. */
constexpr int kLeastSidePx = 64;
constexpr int64_t kRetryUs = 1000000;
/** Pictures on their way to JavaScript; with more of them the stream waits and lets damage gather in the server. */
constexpr int kMostInFlight = 3;
/**
 * The frame rate is kept on average, with this much credit: a source at exactly this rate never waits for a tick, and a
 * key's answer between two of its frames does not either.
 */
constexpr int kCreditFrames = 2;
/** With an encoder that controls the rate by itself and does not tell when it is sharp. */
constexpr int kBlindRefinements = 8;
/** After the last change: longer than the pause between two pictures of a 20 Hz animation. */
constexpr int64_t kRefineFirstUs = 60000;
constexpr int64_t kRefineNextUs = 33000;

}  // namespace

Stream::Stream(StreamOptions options, Post post, std::function<void()> ended)
    : post_(std::move(post)), ended_(std::move(ended)), wakeDescriptor_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  wishes_.options = std::move(options);
  setBitrateBps(wishes_.options.bitrateBps);
  setFramesPerSecond(wishes_.options.framesPerSecond);
  setScale(wishes_.options.scale);
}

Stream::~Stream() {
  if (wakeDescriptor_ >= 0) close(wakeDescriptor_);
}

void Stream::wake() {
  const uint64_t one = 1;
  // The counter can only be full when a wake-up is already pending.
  if (write(wakeDescriptor_, &one, sizeof one) < 0) return;
}

void Stream::setBitrateBps(int64_t bitrateBps) {
  const std::lock_guard<std::mutex> lock(mutex_);
  wishes_.options.bitrateBps = std::max(kLeastBitrateBps, bitrateBps);
  wishes_.rateChanged = true;
  wake();
}

void Stream::setFramesPerSecond(int framesPerSecond) {
  const std::lock_guard<std::mutex> lock(mutex_);
  wishes_.options.framesPerSecond = std::clamp(framesPerSecond, 1, kMostFramesPerSecond);
  wishes_.rateChanged = true;
  wake();
}

void Stream::setEncoder(const std::string& name, bool chroma444) {
  const std::lock_guard<std::mutex> lock(mutex_);
  wishes_.options.encoder = name;
  wishes_.options.chroma444 = chroma444;
  wishes_.layoutChanged = true;
  wishes_.encoderChanged = true;
  wake();
}

void Stream::requestKeyframe() {
  const std::lock_guard<std::mutex> lock(mutex_);
  wishes_.keyframe = true;
  wake();
}

void Stream::setScale(double scale) {
  const std::lock_guard<std::mutex> lock(mutex_);
  // Written so that NaN becomes 1.
  wishes_.options.scale = scale < 1 ? std::max(kLeastScale, scale) : 1;
  wishes_.layoutChanged = true;
  wake();
}

void Stream::setRegion(const Rect& region) {
  const std::lock_guard<std::mutex> lock(mutex_);
  wishes_.options.region = region;
  wishes_.regionChanged = true;
  wake();
}

void Stream::setPaused(bool paused) {
  const std::lock_guard<std::mutex> lock(mutex_);
  wishes_.options.paused = paused;
  wake();
}

void Stream::stop() {
  stopping_ = true;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (screenDescriptor_ >= 0) shutdown(screenDescriptor_, SHUT_RDWR);
  }
  wake();
}

void Stream::taken() {
  inFlight_--;
  if (waitsForRoom_) wake();
}

bool Stream::waitEnded(int milliseconds) {
  std::unique_lock<std::mutex> lock(mutex_);
  return endedCondition_.wait_for(lock, std::chrono::milliseconds(milliseconds), [this] { return hasEnded_; });
}

void Stream::run() {
  pthread_setname_np(pthread_self(), "eglantine-video");
  while (!stopping_) {
    applyWishes();
    seeScreen();
    const int64_t dueUs = nextDueUs();
    if (dueUs > monotonicUs()) {
      waitUntil(dueUs);
    } else if (!stopping_) {
      produce();
    }
  }
  encoder_.reset();
  dropScreen();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    hasEnded_ = true;
    endedCondition_.notify_all();
  }
  ended_();
}

void Stream::applyWishes() {
  bool encoderChanged, rateChanged, layoutChanged, regionChanged;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    encoderChanged = wishes_.encoderChanged;
    rateChanged = wishes_.rateChanged;
    layoutChanged = wishes_.layoutChanged;
    regionChanged = wishes_.regionChanged;
    keyframeWanted_ = keyframeWanted_ || wishes_.keyframe;
    options_ = wishes_.options;
    wishes_.encoderChanged = wishes_.rateChanged = wishes_.layoutChanged = wishes_.regionChanged = wishes_.keyframe = false;
  }
  std::string error;
  // Its new size is taken with that of the screen.
  if (regionChanged && screen_ && !screen_->setRegion(options_.region, error)) showCard(error);
  if (encoderChanged) {
    encoder_.reset();
    encoderWanted_ = !options_.encoder.empty();
  }
  // A picture of another layout holds nothing yet.
  if (layoutChanged && widthPx_ != 0 && layOut()) {
    if (screen_) {
      screen_->damageAll();
    } else {
      drawPicture();
    }
  }
  if (!rateChanged) return;
  rate_.configure(options_.framesPerSecond, options_.bitrateBps);
  if (encoder_ && !encoder_->reconfigure(options_.framesPerSecond, options_.bitrateBps, error)) failEncoder(error);
}

void Stream::seeScreen() {
  std::string error;
  if (!screen_) {
    if (monotonicUs() < retryAtUs_) return;
    screen_ = Screen::open(options_.display, [this](int descriptor) { keepDescriptor(descriptor); }, error);
    if (!screen_ || !screen_->setRegion(options_.region, error)) return showCard(error);
    if (!cardReason_.empty()) {
      cardReason_.clear();
      auto message = std::make_unique<Message>();
      message->kind = Message::Kind::cardGone;
      post(std::move(message));
    }
  }
  if (!screen_->readEvents(error)) return showCard(error);
  if (screen_->takeResize()) adoptSize(screen_->widthPx(), screen_->heightPx());
}

void Stream::keepDescriptor(int descriptor) {
  const std::lock_guard<std::mutex> lock(mutex_);
  screenDescriptor_ = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  // `stop` may have come before there was anything to cut.
  if (stopping_) shutdown(descriptor, SHUT_RDWR);
}

void Stream::dropScreen() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (screenDescriptor_ >= 0) close(screenDescriptor_);
    screenDescriptor_ = -1;
  }
  screen_.reset();
}

void Stream::showCard(const std::string& reason) {
  dropScreen();
  if (stopping_) return;
  retryAtUs_ = monotonicUs() + kRetryUs;
  if (reason == cardReason_) return;
  cardReason_ = reason;
  auto message = std::make_unique<Message>();
  message->kind = Message::Kind::card;
  message->reason = reason;
  post(std::move(message));
  adoptSize(Card::kWidthPx, Card::kHeightPx);
  drawPicture();
}

/** The card, which is always coded at its own size. */
void Stream::drawPicture() {
  const Card card = drawCard(options_.display, cardReason_);
  convert(card.pixels.data(), card.stride, {0, 0, Card::kWidthPx, Card::kHeightPx}, picture_);
  pictureNew_ = true;
}

void Stream::adoptSize(int widthPx, int heightPx) {
  if (widthPx_ != widthPx || heightPx_ != heightPx) {
    widthPx_ = widthPx;
    heightPx_ = heightPx;
    auto message = std::make_unique<Message>();
    message->kind = Message::Kind::size;
    message->widthPx = widthPx;
    message->heightPx = heightPx;
    post(std::move(message));
  }
  layOut();
  keyframeWanted_ = true;
  refineAtUs_ = kNever;
}

/** Gives the picture the size and the planes that are wished; true when it had others. */
bool Stream::layOut() {
  const double scale = screen_ ? options_.scale : 1;
  const auto scaled = [scale](int sidePx) {
    const int even = int(std::lround(sidePx * scale / 2)) * 2;
    return std::clamp(even, std::min(kLeastSidePx, sidePx), sidePx);
  };
  const int width = scaled(widthPx_ & ~1), height = scaled(heightPx_ & ~1);
  scaler_.configure(widthPx_ & ~1, heightPx_ & ~1, width, height);
  if (picture_.widthPx == width && picture_.heightPx == height && picture_.chroma444 == options_.chroma444) return false;
  picture_.resize(width, height, options_.chroma444);
  if (encoder_) encoderWanted_ = true;
  encoder_.reset();
  keyframeWanted_ = true;
  refineAtUs_ = kNever;
  return true;
}

bool Stream::openEncoder() {
  EncoderSettings settings;
  settings.widthPx = picture_.widthPx;
  settings.heightPx = picture_.heightPx;
  settings.framesPerSecond = options_.framesPerSecond;
  settings.bitrateBps = options_.bitrateBps;
  std::string error;
  settings.chroma444 = picture_.chroma444;
  encoder_ = eglantine::openEncoder(options_.encoder, settings, error);
  if (!encoder_) {
    failEncoder(error);
    return false;
  }
  encoderWanted_ = false;
  keyframeWanted_ = true;
  rate_.restart(picture_.macroblocks(), encoder_->codesPartly(), encoder_->sharpQuantizer(picture_.chroma444));
  auto message = std::make_unique<Message>();
  message->kind = Message::Kind::encoderOpened;
  message->name = options_.encoder;
  message->chroma444 = options_.chroma444;
  post(std::move(message));
  return true;
}

void Stream::failEncoder(const std::string& reason) {
  encoder_.reset();
  encoderWanted_ = false;
  auto message = std::make_unique<Message>();
  message->kind = Message::Kind::encoderFailed;
  message->name = options_.encoder;
  message->chroma444 = options_.chroma444;
  message->reason = reason;
  post(std::move(message));
}

int64_t Stream::nextDueUs() const {
  const int64_t retry = screen_ ? kNever : retryAtUs_;
  if (picture_.widthPx == 0 || (!encoder_ && !encoderWanted_)) return retry;
  if (options_.paused || inFlight_ >= kMostInFlight) return retry;
  if (keyframeWanted_ || encoderWanted_) return 0;
  const int64_t room = encoder_ && !encoder_->controlsRate() ? rate_.roomAtUs() : 0;
  const int64_t allowed = std::max(limitUs_ - kCreditFrames * frameCostUs(), room);
  int64_t due = retry;
  if (pictureNew_ || (screen_ && screen_->damagedAtUs() != 0)) due = std::min(due, allowed);
  // A refinement takes along what has moved since: without room for that it waits too.
  due = std::min(due, std::max(refineAtUs_, room));
  return due;
}

/** A twentieth less than a frame's time, or credit once spent would never come back beside a source at this very rate. */
int64_t Stream::frameCostUs() const { return 950000 / options_.framesPerSecond; }

void Stream::waitUntil(int64_t dueUs) {
  pollfd descriptors[2] = {{wakeDescriptor_, POLLIN, 0}, {screen_ ? screen_->descriptor() : -1, POLLIN, 0}};
  waitsForRoom_ = inFlight_ >= kMostInFlight;
  // JavaScript may have taken one between the decision to wait and the line above.
  if (waitsForRoom_ && inFlight_ < kMostInFlight) return;
  timespec timeout{};
  if (dueUs != kNever) {
    const int64_t us = std::max<int64_t>(0, dueUs - monotonicUs());
    timeout.tv_sec = us / 1000000;
    timeout.tv_nsec = us % 1000000 * 1000;
  }
  ppoll(descriptors, 2, dueUs == kNever ? nullptr : &timeout, nullptr);
  waitsForRoom_ = false;
  counters_.wakeups++;
  uint64_t count;
  while (read(wakeDescriptor_, &count, sizeof count) > 0) continue;
}

void Stream::produce() {
  if (!encoder_ && !openEncoder()) return;
  const int64_t startUs = monotonicUs();
  int64_t damageUs = startUs, grabUs = startUs, convertUs = startUs;
  bool moved = pictureNew_;
  if (screen_ && screen_->damagedAtUs() != 0) {
    damageUs = std::min(screen_->damagedAtUs(), startUs);
    std::vector<Screen::Part> parts;
    std::string error;
    const Screen::Grab grab = screen_->grab(scaler_, parts, error);
    if (grab == Screen::Grab::lost) return showCard(error);
    if (grab == Screen::Grab::stale) return;
    grabUs = monotonicUs();
    for (const Screen::Part& part : parts) {
      const Rect source = scaler_.sourceOf(part.rect);
      counters_.grabbedPx += uint64_t(source.width) * uint64_t(source.height);
      const uint8_t* const pixels = scaler_.identity() ? part.pixels : scaler_.shrink(part.pixels, part.stride, part.rect);
      moved = convert(pixels, scaler_.identity() ? part.stride : part.rect.width * 4, part.rect, picture_) || moved;
    }
    if (!parts.empty()) counters_.grabs++;
    convertUs = monotonicUs();
    limitUs_ = std::max(limitUs_, startUs) + frameCostUs();
  }
  const bool refinement = !moved && !keyframeWanted_ && refineAtUs_ <= startUs;
  if (!moved && !keyframeWanted_ && !refinement) return;
  code(moved, refinement, damageUs, grabUs, convertUs);
}

void Stream::code(bool moved, bool refinement, int64_t damageUs, int64_t grabUs, int64_t convertUs) {
  const auto kind = keyframeWanted_ ? RateControl::Kind::keyframe
                    : moved         ? RateControl::Kind::motion
                                    : RateControl::Kind::refinement;
  const bool counts = !encoder_->controlsRate();
  const int quantizer = counts ? rate_.plan(kind, picture_, convertUs, treatment_) : 0;
  const double changed = double(std::count(picture_.changed.begin(), picture_.changed.end(), uint8_t{1})) / picture_.macroblocks();
  frames_++;
  inFlight_++;
  size_t bytes = 0;
  bool ended = false;
  const auto send = [&](CodedPart part) {
    auto message = std::make_unique<Message>();
    message->first = bytes == 0;
    bytes += part.bytes;
    ended = part.last;
    message->coded = std::move(part);
    message->chroma444 = picture_.chroma444;
    message->changed = changed;
    message->frame = frames_;
    message->refinement = refinement;
    message->widthPx = picture_.widthPx;
    message->heightPx = picture_.heightPx;
    message->damageUs = damageUs;
    message->grabUs = grabUs;
    message->convertUs = convertUs;
    message->encodeUs = monotonicUs();
    post(std::move(message));
  };
  std::string error;
  if (!encoder_->encode({picture_, keyframeWanted_, kind == RateControl::Kind::refinement, quantizer, treatment_}, send, error)) {
    if (!ended) inFlight_--;
    return failEncoder(error);
  }
  const int64_t nowUs = monotonicUs();
  if (counts) rate_.coded(kind, picture_, quantizer, treatment_, bytes, nowUs);

  std::fill(picture_.changed.begin(), picture_.changed.end(), uint8_t{0});
  std::fill(picture_.difference.begin(), picture_.difference.end(), 0U);
  pictureNew_ = false;
  keyframeWanted_ = false;
  if (counts) {
    refineAtUs_ = rate_.refineAtUs();
  } else {
    refinementsLeft_ = refinement ? refinementsLeft_ - 1 : kBlindRefinements;
    refineAtUs_ = refinementsLeft_ > 0 ? nowUs + (refinement ? kRefineNextUs : kRefineFirstUs) : kNever;
  }
  counters_.pictures++;
}

void Stream::post(std::unique_ptr<Message> message) {
  if (!post_(std::move(message))) stopping_ = true;
}

}  // namespace eglantine
