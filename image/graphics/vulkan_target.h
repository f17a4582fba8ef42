/* Where the Vulkan scene is drawn: a device, a colour and a depth picture, memory that the processor can read. Next: vulkan_scene.c. */
#pragma once

#include "scene.h"
#include "vulkan.h"

#define COLOUR_FORMAT VK_FORMAT_R8G8B8A8_UNORM
/* Every device has this one. */
#define DEPTH_FORMAT VK_FORMAT_D16_UNORM

struct target {
  struct vulkan vulkan;
  char renderer[VK_MAX_PHYSICAL_DEVICE_NAME_SIZE];
  VkPhysicalDevice physical;
  VkDevice device;
  uint32_t family;
  VkQueue queue;
  VkCommandPool pool;
  VkCommandBuffer commands;
  VkFence fence;
  VkImage colour;
  VkImageView colour_view, depth_view;
  VkBuffer pixels;
  void *pixels_mapped;
  PFN_vkGetDeviceProcAddr getDeviceProcAddr;
};

/* A function of the device, by its name without "vk". */
#define DEVICE(target, name) ((PFN_vk##name)(target)->getDeviceProcAddr((target)->device, "vk" #name))

/* Whether the call succeeded; if not, `why` says which. */
bool vulkan_is_fine(VkResult result, const char *what, char why[WHY_BYTES]);

/* On the best device there is: discrete before integrated before virtual before the processor. */
bool target_open(struct target *target, int width, int height, char why[WHY_BYTES]);
