// SPDX-License-Identifier: GPL-2.0-or-later
// The door between JavaScript and the sound: src/audio/native.ts calls what stands here, packets go back to it. A module of its
// own, loaded when a viewer wants to hear something, so that a machine without libpulse or libopus lacks the sound alone.

#include <napi.h>

#include <algorithm>
#include <memory>
#include <set>

#include "microphone.h"
#include "sound_capture.h"

namespace eglantine {
namespace {

void deliver(Napi::Env env, Napi::Function callback, std::nullptr_t*, SoundMessage* raw) {
  const std::unique_ptr<SoundMessage> message(raw);
  if (env == nullptr || callback == nullptr) return;
  Napi::Object object = Napi::Object::New(env);
  switch (message->kind) {
    case SoundMessage::Kind::ready:
      object.Set("kind", "ready");
      break;
    case SoundMessage::Kind::lost:
      object.Set("kind", "lost");
      object.Set("reason", message->reason);
      break;
    case SoundMessage::Kind::packet:
      object.Set("kind", "packet");
      object.Set("data", Napi::Buffer<uint8_t>::Copy(env, message->data.data(), message->data.size()));
      object.Set("position", double(message->position));
      object.Set("begins", message->begins);
      break;
  }
  callback.Call({object});
}

using Channel = Napi::TypedThreadSafeFunction<std::nullptr_t, SoundMessage, deliver>;

/** Whatever runs a thread: ended with the environment when nobody has closed it. */
class Living {
 public:
  virtual ~Living() = default;
  virtual void end() = 0;
};

using AllLiving = std::set<Living*>;

/** What `Capture` and `Microphone` have in common: a thread that posts messages to one function. */
template <typename Self, typename Part>
class JsPart : public Napi::ObjectWrap<Self>, public Living {
 public:
  explicit JsPart(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Self>(info), all_(info.Env().GetInstanceData<AllLiving>()) {
    all_->insert(this);
    channel_ = Channel::New(info.Env(), info[1].As<Napi::Function>(), "eglantine-sound", 0, 1);
  }
  ~JsPart() override { end(); }

  void end() override {
    if (all_ == nullptr) return;
    all_->erase(this);
    all_ = nullptr;
    // Waits for its thread: nobody posts afterwards.
    part_.reset();
    channel_.Release();
  }

 protected:
  SoundCapture::Post post() {
    return [this](std::unique_ptr<SoundMessage> message) {
      // From then on the queue owns it.
      if (channel_.NonBlockingCall(message.get()) == napi_ok) static_cast<void>(message.release());
    };
  }
  void close(const Napi::CallbackInfo&) { end(); }

  std::unique_ptr<Part> part_;

 private:
  AllLiving* all_;
  Channel channel_;
};

class JsCapture : public JsPart<JsCapture, SoundCapture> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Capture",
                       {InstanceMethod("counters", &JsCapture::counters), InstanceMethod("close", &JsCapture::close)});
  }

  /** (options, onMessage) */
  explicit JsCapture(const Napi::CallbackInfo& info) : JsPart(info) {
    const Napi::Object given = info[0].As<Napi::Object>();
    CaptureOptions options;
    options.server = given.Get("server").ToString();
    options.sink = given.Get("sink").ToString();
    options.encoder.channels = given.Get("channels").ToNumber();
    options.encoder.bitrateBps = given.Get("bitrateBps").ToNumber();
    options.encoder.lowDelay = given.Get("lowDelay").ToBoolean();
    options.encoder.lossPercent = given.Get("lossPercent").ToNumber();
    part_ = std::make_unique<SoundCapture>(std::move(options), post());
  }

 private:
  Napi::Value counters(const Napi::CallbackInfo& info) {
    if (part_ == nullptr) return info.Env().Undefined();
    const CaptureCounters& counters = part_->counters();
    Napi::Object object = Napi::Object::New(info.Env());
    object.Set("wakeups", double(counters.wakeups));
    object.Set("packets", double(counters.packets));
    return object;
  }
};

class JsMicrophone : public JsPart<JsMicrophone, Microphone> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Microphone",
                       {InstanceMethod("write", &JsMicrophone::write), InstanceMethod("close", &JsMicrophone::close)});
  }

  /** (options, onMessage) */
  explicit JsMicrophone(const Napi::CallbackInfo& info) : JsPart(info) {
    const Napi::Object given = info[0].As<Napi::Object>();
    MicrophoneOptions options;
    options.server = given.Get("server").ToString();
    options.sink = given.Get("sink").ToString();
    part_ = std::make_unique<Microphone>(std::move(options), post());
  }

 private:
  /** (packet, lost): see microphone.h */
  void write(const Napi::CallbackInfo& info) {
    const auto packet = info[0].As<Napi::Uint8Array>();
    if (part_ == nullptr) return;
    part_->write({packet.Data(), packet.Data() + packet.ByteLength()}, info[1].ToNumber());
  }
};

void endAll(AllLiving* living) {
  while (!living->empty()) (*living->begin())->end();
}

Napi::Object start(Napi::Env env, Napi::Object exports) {
  auto* const living = new AllLiving();
  env.SetInstanceData(living);
  env.AddCleanupHook(endAll, living);
  exports.Set("Capture", JsCapture::define(env));
  exports.Set("Microphone", JsMicrophone::define(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(eglantine_audio, start)

}  // namespace eglantine
