// SPDX-License-Identifier: GPL-2.0-or-later
// The door between JavaScript and a gamepad or tablet of the kernel: see uinput_door.h. Everything happens on JavaScript's thread, whose own
// event loop waits for what programs say: they stand still until an upload is answered.

#include "uinput_door.h"

#include <uv.h>

#include <memory>
#include <system_error>
#include <vector>

#include "uinput_device.h"

namespace eglantine {
namespace {

std::vector<int> numbers(const Napi::Value& value) {
  const auto array = value.As<Napi::Array>();
  std::vector<int> list;
  for (uint32_t i = 0; i < array.Length(); i++) list.push_back(array.Get(i).ToNumber().Int32Value());
  return list;
}

DeviceDescription descriptionOf(const Napi::Object& object) {
  const auto number = [&](const char* name) { return static_cast<__u16>(object.Get(name).ToNumber().Uint32Value()); };
  DeviceDescription description;
  description.name = object.Get("name").ToString();
  description.phys = object.Get("phys").ToString();
  description.id = {number("bus"), number("vendor"), number("product"), number("version")};
  description.keys = numbers(object.Get("keys"));
  description.force = numbers(object.Get("force"));
  description.props = numbers(object.Get("props"));
  const auto axes = object.Get("axes").As<Napi::Array>();
  for (uint32_t i = 0; i < axes.Length(); i++) {
    const auto axis = axes.Get(i).ToObject();
    const auto part = [&](const char* name) { return axis.Get(name).ToNumber().Int32Value(); };
    description.axes.push_back({part("code"), part("minimum"), part("maximum"), part("fuzz"), part("flat"), part("resolution")});
  }
  return description;
}

class JsUinputDevice : public Napi::ObjectWrap<JsUinputDevice> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "UinputDevice",
                       {InstanceMethod("write", &JsUinputDevice::write), InstanceMethod("close", &JsUinputDevice::close)});
  }

  /** (description, onForce(type, code, value)). Throws what the system said. */
  explicit JsUinputDevice(const Napi::CallbackInfo& info) : Napi::ObjectWrap<JsUinputDevice>(info) {
    try {
      pad_ = std::make_unique<UinputDevice>(descriptionOf(info[0].ToObject()));
    } catch (const std::system_error& error) {
      throw Napi::Error::New(info.Env(), error.what());
    }
    onForce_ = Napi::Persistent(info[1].As<Napi::Function>());
    uv_loop_t* loop = nullptr;
    napi_get_uv_event_loop(info.Env(), &loop);
    poll_ = new uv_poll_t();
    poll_->data = this;
    if (uv_poll_init(loop, poll_, pad_->fd()) != 0) {
      delete poll_;
      poll_ = nullptr;
      pad_.reset();
      throw Napi::Error::New(info.Env(), "/dev/uinput can't be waited for");
    }
    uv_poll_start(poll_, UV_READABLE, onReadable);
  }

  ~JsUinputDevice() override { end(); }

 private:
  /** Triples of type, code, value. False: the kernel took not all of them. */
  Napi::Value write(const Napi::CallbackInfo& info) {
    const auto triples = info[0].As<Napi::Int32Array>();
    std::vector<input_event> events(triples.ElementLength() / 3);
    for (size_t i = 0; i < events.size(); i++) {
      events[i].type = static_cast<__u16>(triples[3 * i]);
      events[i].code = static_cast<__u16>(triples[3 * i + 1]);
      events[i].value = triples[3 * i + 2];
    }
    return Napi::Boolean::New(info.Env(), pad_ != nullptr && pad_->write(events));
  }

  void close(const Napi::CallbackInfo&) { end(); }

  void end() {
    if (poll_ == nullptr) return;
    uv_poll_stop(poll_);
    uv_close(reinterpret_cast<uv_handle_t*>(poll_), [](uv_handle_t* handle) { delete reinterpret_cast<uv_poll_t*>(handle); });
    poll_ = nullptr;
    pad_.reset();
  }

  static void onReadable(uv_poll_t* poll, int, int) {
    auto* const self = static_cast<JsUinputDevice*>(poll->data);
    const Napi::HandleScope scope(self->Env());
    // What it calls may close the pad: all is read first.
    struct Said {
      int type, code, value;
    };
    std::vector<Said> all;
    self->pad_->read([&](int type, int code, int value) { all.push_back({type, code, value}); });
    const Napi::Env env = self->Env();
    for (const auto& [type, code, value] : all) {
      if (self->poll_ == nullptr) return;
      self->onForce_.MakeCallback(env.Global(),
                                  {Napi::Number::New(env, type), Napi::Number::New(env, code), Napi::Number::New(env, value)});
    }
  }

  std::unique_ptr<UinputDevice> pad_;
  Napi::FunctionReference onForce_;
  uv_poll_t* poll_ = nullptr;
};

}  // namespace

Napi::Function defineUinputDevice(Napi::Env env) { return JsUinputDevice::define(env); }

}  // namespace eglantine
