# PipeWire with its session manager and its PulseAudio server, at $XDG_RUNTIME_DIR/pulse/native, until it is told to end. Says "ready".
export DBUS_SESSION_BUS_ADDRESS="unix:path=$XDG_RUNTIME_DIR/bus"
dbus-daemon --session --nofork --address="$DBUS_SESSION_BUS_ADDRESS" & all=$!
trap 'kill $all; wait' TERM INT
pipewire & all="$all $!"
until [ -S "$XDG_RUNTIME_DIR/bus" ] && [ -S "$XDG_RUNTIME_DIR/pipewire-0" ]; do sleep 0.05; done
wireplumber & all="$all $!"
pipewire-pulse & pulse=$!
all="$all $pulse"
until pactl info 2>/dev/null | grep -q "^Default Sink: [^ ]"; do
  kill -0 $pulse || exit 1
  sleep 0.1
done
pactl load-module module-null-sink sink_name=desktop rate=48000 channels=2 >/dev/null || exit 1
pactl load-module module-null-sink sink_name=mic_in rate=48000 channels=1 >/dev/null || exit 1
pactl load-module module-remap-source master=mic_in.monitor source_name=virtual_mic >/dev/null || exit 1
echo ready
wait $pulse
