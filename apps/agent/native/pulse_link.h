// SPDX-License-Identifier: GPL-2.0-or-later
// A connection to the sound server (PulseAudio's protocol, which PipeWire speaks too) and the thread that serves it. Owned by
// sound_capture.cc and microphone.cc; both do their work on that thread.
#pragma once

#include <pulse/pulseaudio.h>

#include <functional>
#include <string>

namespace eglantine {

class PulseLink {
 public:
  /** Both are called on the link's thread; `lost` at most once, and never before the constructor has returned. */
  PulseLink(const std::string& server, std::function<void()> ready, std::function<void(const std::string&)> lost);
  /** Stops the thread; nothing is called afterwards. */
  ~PulseLink();
  PulseLink(const PulseLink&) = delete;
  PulseLink& operator=(const PulseLink&) = delete;

  /** Begins. What `ready` needs must be there by now. */
  void start();
  /** Stops the thread, and waits for what it is doing: less than a packet's encoding. Idempotent. */
  void stop();
  /** Of the server's last refusal, in words. */
  std::string error() const;
  /** Calls `lost`, once. On the link's thread. */
  void fail(const std::string& reason);

  pa_context* context() const { return context_; }
  pa_mainloop_api* api() const { return pa_threaded_mainloop_get_api(loop_); }

  /** Keeps the link's thread out of its callbacks meanwhile. Not on that thread. */
  class Held {
   public:
    explicit Held(const PulseLink& link) : loop_(link.loop_) { pa_threaded_mainloop_lock(loop_); }
    ~Held() { pa_threaded_mainloop_unlock(loop_); }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

   private:
    pa_threaded_mainloop* const loop_;
  };

 private:
  static void onState(pa_context* context, void* self);

  pa_threaded_mainloop* const loop_;
  pa_context* context_ = nullptr;
  const std::string server_;
  const std::function<void()> ready_;
  const std::function<void(const std::string&)> lost_;
  bool running_ = false;
  bool failed_ = false;
};

}  // namespace eglantine
