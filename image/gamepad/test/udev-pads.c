/*
 * Gamepads as libudev lists them and tells of them. Driven by image/gamepad.test.ts; ends with standard input.
 *
 *   device NODE joystick YES name NAME vendor VENDOR     each that there is
 *   ready                                                the monitor listens
 *   add NODE, remove NODE                                joysticks that come and go
 *
 * cc -O2 -o udev-pads udev-pads.c -ludev
 */
#include <libudev.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

static const char *or_none(const char *text) { return text == NULL ? "-" : text; }

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  struct udev *udev = udev_new();
  struct udev_monitor *monitor = udev_monitor_new_from_netlink(udev, "udev");
  udev_monitor_filter_add_match_subsystem_devtype(monitor, "input", NULL);
  udev_monitor_enable_receiving(monitor);
  struct udev_enumerate *list = udev_enumerate_new(udev);
  udev_enumerate_add_match_subsystem(list, "input");
  udev_enumerate_add_match_property(list, "ID_INPUT_JOYSTICK", "1");
  udev_enumerate_scan_devices(list);
  struct udev_list_entry *entry;
  udev_list_entry_foreach(entry, udev_enumerate_get_list_entry(list)) {
    struct udev_device *device = udev_device_new_from_syspath(udev, udev_list_entry_get_name(entry));
    if (device == NULL || udev_device_get_devnode(device) == NULL) continue;
    struct udev_device *by_number = udev_device_new_from_devnum(udev, 'c', udev_device_get_devnum(device));
    struct udev_device *parent = udev_device_get_parent_with_subsystem_devtype(device, "input", NULL);
    printf("device %s initialized %d name %s vendor %s by number %s\n", udev_device_get_devnode(device),
           udev_device_get_is_initialized(device), parent == NULL ? "-" : or_none(udev_device_get_sysattr_value(parent, "name")),
           parent == NULL ? "-" : or_none(udev_device_get_sysattr_value(parent, "id/vendor")),
           by_number == NULL ? "-" : or_none(udev_device_get_sysname(by_number)));
  }
  printf("ready\n");
  struct pollfd waits[] = {{.fd = udev_monitor_get_fd(monitor), .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
  while (poll(waits, 2, -1) > 0 && waits[1].revents == 0) {
    struct udev_device *device = udev_monitor_receive_device(monitor);
    if (device == NULL) continue;
    printf("%s %s\n", or_none(udev_device_get_action(device)), or_none(udev_device_get_devnode(device)));
  }
  return 0;
}
