/* Vulkan's loader, opened while the program runs. For vulkan.c (the list) and vulkan_scene.c. */
#pragma once

#define VK_NO_PROTOTYPES
#include <stdbool.h>
#include <vulkan/vulkan.h>

#include "child.h"

#define VULKAN_DEVICES 32

struct vulkan {
  PFN_vkGetInstanceProcAddr getInstanceProcAddr;
  VkInstance instance;
  VkPhysicalDevice devices[VULKAN_DEVICES];
  uint32_t count;
};

/* A function of the instance, by its name without "vk". */
#define VULKAN(vulkan, name) ((PFN_vk##name)(vulkan)->getInstanceProcAddr((vulkan)->instance, "vk" #name))

/* Opens the loader and lists the devices; otherwise false, and why. */
bool vulkan_open(struct vulkan *vulkan, char why[WHY_BYTES]);
