# The native add-on, build/Release/eglantine.node, one module for each family of encoders that it opens by itself when one
# is asked for (encoders.cc), and an add-on of its own for the sound (audio_addon.cc). build.mjs runs node-gyp on it.
{
  "target_defaults": {
    "cflags!": ["-fno-exceptions", "-O2"],
    "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++20", "-std=gnu++17"],
    "cflags": ["-O3", "-Wall", "-Wextra", "-fvisibility=hidden"],
    "cflags_cc": ["-std=c++17"]
  },
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
        "nvenc_config.cc",
        "nvenc_encoder.cc",
        "nvenc_library.cc",
        "check_filter.cc",
        "timer_slack.cc",
        "uinput_device.cc",
        "uinput_door.cc"
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=9", "NODE_ADDON_API_DISABLE_DEPRECATED", "NAPI_CPP_EXCEPTIONS"],
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
    },
    {
      "target_name": "eglantine-vpx",
      "sources": ["vpx_encoder.cc"],
      "libraries": ["-lvpx"]
    },
    {
      "target_name": "eglantine-aom",
      "sources": ["aom_encoder.cc"],
      "libraries": ["-laom"]
    },
    {
      "target_name": "eglantine-svt",
      "sources": ["svt_encoder.cc"],
      "libraries": ["-lSvtAv1Enc"]
    },
    {
      "target_name": "eglantine-x265",
      "sources": ["x265_encoder.cc"],
      "libraries": ["-lx265"]
    },
    {
      "target_name": "eglantine-openh264",
      "sources": ["openh264_encoder.cc"],
      "libraries": ["-lopenh264"]
    },
    {
      "target_name": "eglantine-vaapi",
      "sources": ["vaapi_encoder.cc"],
      "libraries": ["-lavcodec", "-lavutil"]
    },
    {
      "target_name": "eglantine-audio",
      "sources": ["audio_addon.cc", "sound_capture.cc", "microphone.cc", "opus_encoder.cc", "pulse_link.cc"],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")", "/usr/include/opus"],
      "defines": ["NAPI_VERSION=9", "NODE_ADDON_API_DISABLE_DEPRECATED", "NAPI_CPP_EXCEPTIONS"],
      "libraries": ["-lpulse", "-lopus"]
    }
  ]
}
