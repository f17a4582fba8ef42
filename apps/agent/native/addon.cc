// SPDX-License-Identifier: GPL-2.0-or-later
// The door between JavaScript and a stream: src/video/native.ts calls what stands here, access units go back to it.
// JavaScript's thread never waits here, and raw pixels never come by.

#include <napi.h>

#include <algorithm>
#include <cstdlib>
#include <thread>
#include <vector>

#include "check_filter.h"
#include "encoders.h"
#include "stream.h"
#include "timer_slack.h"
#include "uinput_door.h"

namespace eglantine {
namespace {

/** What the JavaScript object, the stream's thread and the thread-safe function share. */
struct Link {
  std::shared_ptr<Stream> stream;
};

/** The streams of this environment, to be ended with it when nobody has closed them. */
struct Running {
  std::vector<std::weak_ptr<Stream>> streams;
};

Napi::Object toObject(Napi::Env env, Message& message) {
  Napi::Object object = Napi::Object::New(env);
  switch (message.kind) {
    case Message::Kind::unit: {
      uint8_t* const data = message.coded.data.release();
      object.Set("kind", "unit");
      object.Set("data", Napi::Buffer<uint8_t>::NewOrCopy(env, data, message.coded.bytes,
                                                          [](Napi::Env, uint8_t* memory) { free(memory); }));
      object.Set("keyframe", message.coded.keyframe);
      object.Set("first", message.first);
      object.Set("last", message.coded.last);
      object.Set("chroma", message.chroma444 ? "444" : "420");
      object.Set("changed", message.changed);
      object.Set("frame", message.frame);
      object.Set("refinement", message.refinement);
      object.Set("widthPx", message.widthPx);
      object.Set("heightPx", message.heightPx);
      object.Set("damageUs", double(message.damageUs));
      object.Set("grabUs", double(message.grabUs));
      object.Set("convertUs", double(message.convertUs));
      object.Set("encodeUs", double(message.encodeUs));
      break;
    }
    case Message::Kind::size:
      object.Set("kind", "size");
      object.Set("widthPx", message.widthPx);
      object.Set("heightPx", message.heightPx);
      break;
    case Message::Kind::encoderOpened:
    case Message::Kind::encoderFailed:
      object.Set("kind", message.kind == Message::Kind::encoderOpened ? "encoder-opened" : "encoder-failed");
      object.Set("name", message.name);
      object.Set("chroma", message.chroma444 ? "444" : "420");
      object.Set("reason", message.reason);
      break;
    case Message::Kind::card:
      object.Set("kind", "card");
      object.Set("reason", message.reason);
      break;
    case Message::Kind::cardGone:
      object.Set("kind", "card-gone");
      break;
  }
  return object;
}

/** Of `undefined`: one without a size. */
Rect rectOf(const Napi::Value& value) {
  if (!value.IsObject()) return {};
  const Napi::Object given = value.As<Napi::Object>();
  const auto side = [&given](const char* name) { return int(given.Get(name).ToNumber().Int32Value()); };
  return {side("xPx"), side("yPx"), side("widthPx"), side("heightPx")};
}

void deliver(Napi::Env env, Napi::Function callback, Link* link, Message* raw) {
  std::unique_ptr<Message> message(raw);
  if (message->kind == Message::Kind::unit && message->coded.last) link->stream->taken();
  if (env != nullptr && callback != nullptr) callback.Call({toObject(env, *message)});
}

using Channel = Napi::TypedThreadSafeFunction<Link, Message, deliver>;

class JsStream : public Napi::ObjectWrap<JsStream> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Stream",
                       {InstanceMethod<&JsStream::setBitrateBps>("setBitrateBps"),
                        InstanceMethod<&JsStream::setFramesPerSecond>("setFramesPerSecond"),
                        InstanceMethod<&JsStream::setEncoder>("setEncoder"),
                        InstanceMethod<&JsStream::setScale>("setScale"),
                        InstanceMethod<&JsStream::setRegion>("setRegion"),
                        InstanceMethod<&JsStream::requestKeyframe>("requestKeyframe"),
                        InstanceMethod<&JsStream::setPaused>("setPaused"),
                        InstanceMethod<&JsStream::counters>("counters"), InstanceMethod<&JsStream::close>("close")});
  }

  /** (options, onMessage, onClosed) */
  explicit JsStream(const Napi::CallbackInfo& info) : Napi::ObjectWrap<JsStream>(info) {
    const Napi::Env env = info.Env();
    const Napi::Object given = info[0].As<Napi::Object>();
    StreamOptions options;
    options.display = given.Get("display").ToString();
    options.encoder = given.Get("encoder").ToString();
    options.chroma444 = given.Get("chroma444").ToBoolean();
    if (given.Has("scale")) options.scale = given.Get("scale").ToNumber();
    options.framesPerSecond = given.Get("framesPerSecond").ToNumber();
    options.bitrateBps = given.Get("bitrateBps").ToNumber();
    if (given.Has("region")) options.region = rectOf(given.Get("region"));
    auto onClosed = std::make_shared<Napi::FunctionReference>(Napi::Persistent(info[2].As<Napi::Function>()));
    auto* const link = new Link();
    auto* const channel = new Channel(Channel::New(
        env, info[1].As<Napi::Function>(), "eglantine-video", 0, 1, link,
        [onClosed](Napi::Env, void*, Link* ended) {
          ended->stream.reset();
          delete ended;
          onClosed->Call({});
        },
        static_cast<void*>(nullptr)));
    const auto post = [channel](std::unique_ptr<Message> message) {
      if (channel->NonBlockingCall(message.get()) != napi_ok) return false;
      // Now the queue owns it.
      static_cast<void>(message.release());
      return true;
    };
    const auto ended = [channel] {
      channel->Release();
      delete channel;
    };
    stream_ = std::make_shared<Stream>(std::move(options), post, ended);
    link->stream = stream_;
    // Detached: a stream that hangs on a stopped X server must not make JavaScript wait. The thread holds the stream.
    std::thread([stream = stream_] { stream->run(); }).detach();
    auto& streams = env.GetInstanceData<Running>()->streams;
    streams.erase(std::remove_if(streams.begin(), streams.end(), [](const auto& old) { return old.expired(); }),
                  streams.end());
    streams.push_back(stream_);
  }

 private:
  void setBitrateBps(const Napi::CallbackInfo& info) {
    stream_->setBitrateBps(info[0].ToNumber().Int64Value());
  }
  void setFramesPerSecond(const Napi::CallbackInfo& info) {
    stream_->setFramesPerSecond(info[0].ToNumber().Int32Value());
  }
  void setEncoder(const Napi::CallbackInfo& info) { 
    stream_->setEncoder(info[0].ToString(), info[1].ToBoolean());
  }
  void setScale(const Napi::CallbackInfo& info) { stream_->setScale(info[0].ToNumber()); }
  void setRegion(const Napi::CallbackInfo& info) { stream_->setRegion(rectOf(info[0])); }
  void requestKeyframe(const Napi::CallbackInfo&) { stream_->requestKeyframe(); }
  void setPaused(const Napi::CallbackInfo& info) { stream_->setPaused(info[0].ToBoolean()); }
  void close(const Napi::CallbackInfo&) { stream_->stop(); }

  Napi::Value counters(const Napi::CallbackInfo& info) {
    const StreamCounters& counters = stream_->counters();
    Napi::Object object = Napi::Object::New(info.Env());
    object.Set("wakeups", double(counters.wakeups));
    object.Set("grabs", double(counters.grabs));
    object.Set("grabbedPx", double(counters.grabbedPx));
    object.Set("pictures", double(counters.pictures));
    return object;
  }

  std::shared_ptr<Stream> stream_;
};

/** Opens an encoder for a moment, on a thread of Node's pool: a GPU's driver may take its time. */
class Probe : public Napi::AsyncWorker {
 public:
  Probe(Napi::Env env, std::string name, bool chroma444)
      : Napi::AsyncWorker(env), name_(std::move(name)), chroma444_(chroma444), answer_(Napi::Promise::Deferred::New(env)) {}
  Napi::Promise answer() const { return answer_.Promise(); }

 protected:
  void Execute() override {
    EncoderSettings settings;
    settings.widthPx = 640;
    settings.heightPx = 480;
    settings.bitrateBps = 1000000;
    settings.chroma444 = chroma444_;
    opened_ = openEncoder(name_, settings, reason_) != nullptr;
  }
  void OnOK() override { answer_.Resolve(opened_ ? Env().Undefined() : Napi::String::New(Env(), reason_)); }
  void OnError(const Napi::Error& error) override { answer_.Reject(error.Value()); }

 private:
  const std::string name_;
  const bool chroma444_;
  const Napi::Promise::Deferred answer_;
  bool opened_ = false;
  std::string reason_;
};

/** (name, chroma444) → a promise of why this encoder can't be had, or of undefined when it can. */
Napi::Value probeEncoder(const Napi::CallbackInfo& info) {
  auto* const probe = new Probe(info.Env(), info[0].ToString(), info[1].ToBoolean());
  const Napi::Promise answer = probe->answer();
  probe->Queue();
  return answer;
}

Napi::Value setSlack(const Napi::CallbackInfo& info) {
  const int64_t nanoseconds = info[0].ToNumber().Int64Value();
  return Napi::Number::New(info.Env(), double(setTimerSlack(static_cast<unsigned long>(std::max<int64_t>(0, nanoseconds)))));
}

Napi::Value dropChecks(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), dropZeroTieBreakers(static_cast<uint16_t>(info[0].ToNumber().Uint32Value())));
}

void endAll(Running* running) {
  for (const auto& weak : running->streams) {
    if (const auto stream = weak.lock()) {
      stream->stop();
      stream->waitEnded(500);
    }
  }
}

Napi::Object start(Napi::Env env, Napi::Object exports) {
  // SVT-AV1 writes to standard error, which is the agent's log; below "all" (-1) nothing is left. Here, where no thread of
  // ours reads the environment yet.
  setenv("SVT_LOG", "-2", 0);
  auto* const running = new Running();
  env.SetInstanceData(running);
  env.AddCleanupHook(endAll, running);
  exports.Set("Stream", JsStream::define(env));
  exports.Set("probeEncoder", Napi::Function::New(env, probeEncoder));
  exports.Set("setTimerSlack", Napi::Function::New(env, setSlack));
  exports.Set("UinputDevice", defineUinputDevice(env));
  exports.Set("dropZeroTieBreakers", Napi::Function::New(env, dropChecks));
  return exports;
}

}  // namespace

NODE_API_MODULE(eglantine, start)

}  // namespace eglantine
