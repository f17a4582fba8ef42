// SPDX-License-Identifier: GPL-2.0-or-later
// See pulse_link.h.

#include "pulse_link.h"

#include <utility>

namespace eglantine {

PulseLink::PulseLink(const std::string& server, std::function<void()> ready,
                     std::function<void(const std::string&)> lost)
    : loop_(pa_threaded_mainloop_new()), server_(server), ready_(std::move(ready)), lost_(std::move(lost)) {
  pa_threaded_mainloop_set_name(loop_, "sound");
  context_ = pa_context_new(api(), "Eglantine");
  pa_context_set_state_callback(context_, onState, this);
}

PulseLink::~PulseLink() {
  stop();
  pa_context_set_state_callback(context_, nullptr, nullptr);
  pa_context_disconnect(context_);
  pa_context_unref(context_);
  pa_threaded_mainloop_free(loop_);
}

void PulseLink::start() {
  running_ = true;
  // What fails at once is told by the state's callback as well.
  pa_context_connect(context_, server_.c_str(), PA_CONTEXT_NOAUTOSPAWN, nullptr);
  pa_threaded_mainloop_start(loop_);
}

void PulseLink::stop() {
  if (!running_) return;
  running_ = false;
  pa_threaded_mainloop_stop(loop_);
}

std::string PulseLink::error() const { return pa_strerror(pa_context_errno(context_)); }

void PulseLink::fail(const std::string& reason) {
  if (failed_) return;
  failed_ = true;
  lost_(reason);
}

void PulseLink::onState(pa_context* context, void* self) {
  auto* const link = static_cast<PulseLink*>(self);
  switch (pa_context_get_state(context)) {
    case PA_CONTEXT_READY:
      link->ready_();
      break;
    case PA_CONTEXT_FAILED:
    case PA_CONTEXT_TERMINATED:
      link->fail(link->error());
      break;
    default:
      break;
  }
}

}  // namespace eglantine
