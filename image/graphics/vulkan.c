/* Vulkan's devices. From: probe.c (`vulkan`), vulkan_scene.c. */
#include "vulkan.h"

#include <string.h>

#include "json.h"
#include "library.h"
#include "probe.h"

bool vulkan_open(struct vulkan *vulkan, char why[WHY_BYTES]) {
  memset(vulkan, 0, sizeof *vulkan);
  if (!library_open("libvulkan.so.1", why, WHY_BYTES)) return false;
  vulkan->getInstanceProcAddr = (PFN_vkGetInstanceProcAddr)library_function("vkGetInstanceProcAddr");
  const VkApplicationInfo application = {.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO, .apiVersion = VK_API_VERSION_1_2};
  const VkInstanceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO, .pApplicationInfo = &application};
  VkResult result = VULKAN(vulkan, CreateInstance)(&info, NULL, &vulkan->instance);
  if (result != VK_SUCCESS) {
    snprintf(why, WHY_BYTES, "vkCreateInstance failed (%d): %s", result,
             result == VK_ERROR_INCOMPATIBLE_DRIVER ? "the loader found no driver that works" : "see what the loader says with VK_LOADER_DEBUG=all");
    return false;
  }
  vulkan->count = VULKAN_DEVICES;
  result = VULKAN(vulkan, EnumeratePhysicalDevices)(vulkan->instance, &vulkan->count, vulkan->devices);
  if ((result != VK_SUCCESS && result != VK_INCOMPLETE) || vulkan->count == 0) {
    snprintf(why, WHY_BYTES, "the loader's drivers have no device (vkEnumeratePhysicalDevices: %d)", result);
    return false;
  }
  return true;
}

static const char *type_name(VkPhysicalDeviceType type) {
  static const char *const names[] = {"other", "integrated", "discrete", "virtual", "cpu"};
  return type <= VK_PHYSICAL_DEVICE_TYPE_CPU ? names[type] : "other";
}

static void nothing(FILE *out, const char *why) {
  fputs("{\"devices\":[],\"error\":", out);
  json_text(out, why);
  fputs("}", out);
}

static void look(FILE *out, const void *about) {
  (void)about;
  struct vulkan vulkan;
  char why[WHY_BYTES];
  if (!vulkan_open(&vulkan, why)) return nothing(out, why);
  fputs("{\"devices\":[", out);
  for (uint32_t i = 0; i < vulkan.count; i++) {
    VkPhysicalDeviceDriverProperties driver = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES};
    VkPhysicalDeviceProperties2 about_it = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &driver};
    VULKAN(&vulkan, GetPhysicalDeviceProperties2)(vulkan.devices[i], &about_it);
    const VkPhysicalDeviceProperties *properties = &about_it.properties;
    char words[VK_MAX_DRIVER_NAME_SIZE + VK_MAX_DRIVER_INFO_SIZE + 2];
    snprintf(words, sizeof words, "%s%s%s", driver.driverName, driver.driverInfo[0] != 0 ? " " : "", driver.driverInfo);
    fprintf(out, "%s{\"name\":", i == 0 ? "" : ",");
    json_text(out, properties->deviceName);
    fprintf(out, ",\"type\":\"%s\",\"driver\":", type_name(properties->deviceType));
    json_text(out, words);
    fprintf(out, ",\"api\":\"%u.%u.%u\"}", VK_API_VERSION_MAJOR(properties->apiVersion), VK_API_VERSION_MINOR(properties->apiVersion),
            VK_API_VERSION_PATCH(properties->apiVersion));
  }
  fputs("],\"error\":null}", out);
}

void vulkan_report(FILE *out) { child_answer(out, CHILD_SECONDS, look, NULL, nothing); }
