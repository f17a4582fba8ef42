# The native add-on: build/Release/eglantine.node. build.mjs runs node-gyp on it.
{
  "targets": [
    {
      "target_name": "eglantine",
      "sources": [
        "addon.cc",
        "stream.cc",
        "screen.cc",
        "display_socket.cc",
        "cover.cc",
        "scale.cc",
        "convert.cc",
        "card.cc",
        "rate.cc",
        "encoders.cc",
        "slice_order.cc",
        "x264_encoder.cc",
        "nvenc_encoder.cc",
        "nvenc_library.cc",
        "timer_slack.cc"
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=9", "NODE_ADDON_API_DISABLE_DEPRECATED", "NAPI_CPP_EXCEPTIONS"],
      "cflags!": ["-fno-exceptions", "-O2"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++20", "-std=gnu++17"],
      "cflags": ["-O3", "-Wall", "-Wextra", "-fvisibility=hidden"],
      "cflags_cc": ["-std=c++17"],
      "libraries": [
        "-lx264",
        "-lcairo",
        "-lxcb",
        "-lxcb-shm",
        "-lxcb-damage",
        "-lxcb-xfixes",
        "-lxcb-randr",
        "-lXau",
        "-ldl",
        "-lpthread"
      ]
    }
  ]
}
