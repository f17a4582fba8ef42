// SPDX-License-Identifier: GPL-2.0-or-later
// One viewer's pictures, on a thread of its own: waits for damage, grabs, converts, codes and hands out. Owned by
// addon.cc; uses screen.cc, card.cc, convert.cc, rate.cc and one encoder.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "encoder.h"
#include "picture.h"
#include "rate.h"
#include "scale.h"
#include "screen.h"

namespace eglantine {

/** What a stream tells; `kind` says which of the fields count. */
struct Message {
  enum class Kind { unit, size, encoderOpened, encoderFailed, card, cardGone };
  Kind kind = Kind::unit;
  CodedPart coded;
  /** It begins its picture. */
  bool first = true;
  bool chroma444 = false;
  /** Share of the macroblocks that have changed since the picture before. */
  double changed = 0;
  double frame = 0;
  bool refinement = false;
  /** Of the coded picture; of what is captured in a `size`. */
  int widthPx = 0;
  int heightPx = 0;
  int64_t damageUs = 0;
  int64_t grabUs = 0;
  int64_t convertUs = 0;
  int64_t encodeUs = 0;
  /** Name of the encoder. */
  std::string name;
  /** Why. */
  std::string reason;
};

struct StreamOptions {
  std::string display;
  /** A name of encoders.h. */
  std::string encoder;
  bool chroma444 = false;
  /** Of each side of the coded picture to the screen's, above 0 to 1. */
  double scale = 1;
  int framesPerSecond = 60;
  int64_t bitrateBps = 8000000;
  /** Of the screen, the part that is coded; one without a size: all of it. */
  Rect region;
  bool paused = false;
};

/** Since start. */
struct StreamCounters {
  std::atomic<uint64_t> wakeups{0};
  std::atomic<uint64_t> grabs{0};
  std::atomic<uint64_t> grabbedPx{0};
  std::atomic<uint64_t> pictures{0};
};

class Stream {
 public:
  /** Takes a message to JavaScript's thread; false when that is gone. Called on the stream's thread. */
  using Post = std::function<bool(std::unique_ptr<Message>)>;

  Stream(StreamOptions options, Post post, std::function<void()> ended);
  ~Stream();

  // From any thread; none of them waits.
  void setBitrateBps(int64_t bitrateBps);
  void setFramesPerSecond(int framesPerSecond);
  void setEncoder(const std::string& name, bool chroma444);
  void setScale(double scale);
  /** One monitor of several; a rectangle without a size is all of the screen. */
  void setRegion(const Rect& region);
  void requestKeyframe();
  /** While paused nothing is grabbed or coded; damage gathers in the server. */
  void setPaused(bool paused);
  /** Ends the thread, even when it waits for an answer of an X server that hangs. */
  void stop();
  /** One picture has arrived in JavaScript, all of it. */
  void taken();

  /** Waits until the thread has ended, at most this long. */
  bool waitEnded(int milliseconds);
  const StreamCounters& counters() const { return counters_; }

  /** The thread's body. */
  void run();

 private:
  struct Wishes {
    StreamOptions options;
    bool keyframe = false;
    bool encoderChanged = true;
    bool layoutChanged = false;
    bool regionChanged = false;
    bool rateChanged = true;
  };

  void wake();
  void applyWishes();
  void seeScreen();
  void keepDescriptor(int descriptor);
  void dropScreen();
  void showCard(const std::string& reason);
  void drawPicture();
  void adoptSize(int widthPx, int heightPx);
  bool layOut();
  bool openEncoder();
  void failEncoder(const std::string& reason);
  int64_t nextDueUs() const;
  int64_t frameCostUs() const;
  void waitUntil(int64_t dueUs);
  void produce();
  void code(bool moved, bool refinement, int64_t damageUs, int64_t grabUs, int64_t convertUs);
  void post(std::unique_ptr<Message> message);

  const Post post_;
  const std::function<void()> ended_;
  int wakeDescriptor_ = -1;

  std::mutex mutex_;
  std::condition_variable endedCondition_;
  bool hasEnded_ = false;
  /** A second descriptor of the screen's connection while there is one, also one that is being made: for `stop` to cut. */
  int screenDescriptor_ = -1;
  Wishes wishes_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> inFlight_{0};
  std::atomic<bool> waitsForRoom_{false};
  StreamCounters counters_;

  // The rest belongs to the thread.
  StreamOptions options_;
  std::unique_ptr<Screen> screen_;
  std::string cardReason_;
  int64_t retryAtUs_ = 0;
  std::unique_ptr<Encoder> encoder_;
  bool encoderWanted_ = false;
  RateControl rate_;
  /** Of the screen or the card. */
  int widthPx_ = 0;
  int heightPx_ = 0;
  Scaler scaler_;
  Picture picture_;
  /** The picture holds pixels that no access unit has shown yet, of this moment. */
  bool pictureNew_ = false;
  bool keyframeWanted_ = true;
  int64_t limitUs_ = 0;
  /** Of an encoder that controls its rate and does not tell when it is sharp. */
  int refinementsLeft_ = 0;
  int64_t refineAtUs_ = RateControl::kNeverUs;
  std::vector<uint8_t> treatment_;
  double frames_ = 0;
};

}  // namespace eglantine
