/* Where the Vulkan scene is drawn: see vulkan_target.h. For vulkan_scene.c. */
#include "vulkan_target.h"

#include <string.h>

bool vulkan_is_fine(VkResult result, const char *what, char why[WHY_BYTES]) {
  if (result == VK_SUCCESS) return true;
  snprintf(why, WHY_BYTES, "%s failed (%d)", what, result);
  return false;
}

static int rank(VkPhysicalDeviceType type) {
  switch (type) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU: return 4;
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU: return 3;
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU: return 2;
    case VK_PHYSICAL_DEVICE_TYPE_CPU: return 0;
    default: return 1;
  }
}

/* The best device with a queue that draws. */
static bool choose_device(struct target *target, char why[WHY_BYTES]) {
  int best = -1;
  for (uint32_t i = 0; i < target->vulkan.count; i++) {
    VkPhysicalDeviceProperties properties;
    VkQueueFamilyProperties families[16];
    uint32_t count = 16;
    VULKAN(&target->vulkan, GetPhysicalDeviceProperties)(target->vulkan.devices[i], &properties);
    VULKAN(&target->vulkan, GetPhysicalDeviceQueueFamilyProperties)(target->vulkan.devices[i], &count, families);
    for (uint32_t family = 0; family < count; family++) {
      if (!(families[family].queueFlags & VK_QUEUE_GRAPHICS_BIT) || rank(properties.deviceType) <= best) continue;
      best = rank(properties.deviceType);
      target->physical = target->vulkan.devices[i];
      target->family = family;
      snprintf(target->renderer, sizeof target->renderer, "%s", properties.deviceName);
    }
  }
  if (best < 0) snprintf(why, WHY_BYTES, "no Vulkan device draws");
  return best >= 0;
}

static bool open_device(struct target *target, char why[WHY_BYTES]) {
  const float priority = 1;
  const VkDeviceQueueCreateInfo queue = {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
                                         .queueFamilyIndex = target->family,
                                         .queueCount = 1,
                                         .pQueuePriorities = &priority};
  const VkDeviceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO, .queueCreateInfoCount = 1, .pQueueCreateInfos = &queue};
  const VkCommandPoolCreateInfo pool = {.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
                                        .flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT,
                                        .queueFamilyIndex = target->family};
  const VkFenceCreateInfo fence = {.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO};
  if (!vulkan_is_fine(VULKAN(&target->vulkan, CreateDevice)(target->physical, &info, NULL, &target->device), "vkCreateDevice", why))
    return false;
  target->getDeviceProcAddr = VULKAN(&target->vulkan, GetDeviceProcAddr);
  DEVICE(target, GetDeviceQueue)(target->device, target->family, 0, &target->queue);
  if (!vulkan_is_fine(DEVICE(target, CreateCommandPool)(target->device, &pool, NULL, &target->pool), "vkCreateCommandPool", why))
    return false;
  const VkCommandBufferAllocateInfo commands = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
                                                .commandPool = target->pool,
                                                .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
                                                .commandBufferCount = 1};
  return vulkan_is_fine(DEVICE(target, AllocateCommandBuffers)(target->device, &commands, &target->commands), "vkAllocateCommandBuffers",
                        why) &&
         vulkan_is_fine(DEVICE(target, CreateFence)(target->device, &fence, NULL, &target->fence), "vkCreateFence", why);
}

static bool allocate(struct target *target, const VkMemoryRequirements *needs, VkMemoryPropertyFlags flags, VkDeviceMemory *memory,
                     char why[WHY_BYTES]) {
  VkPhysicalDeviceMemoryProperties has;
  VULKAN(&target->vulkan, GetPhysicalDeviceMemoryProperties)(target->physical, &has);
  for (uint32_t i = 0; i < has.memoryTypeCount; i++) {
    if (!(needs->memoryTypeBits & 1u << i) || (has.memoryTypes[i].propertyFlags & flags) != flags) continue;
    const VkMemoryAllocateInfo info = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, .allocationSize = needs->size, .memoryTypeIndex = i};
    return vulkan_is_fine(DEVICE(target, AllocateMemory)(target->device, &info, NULL, memory), "vkAllocateMemory", why);
  }
  snprintf(why, WHY_BYTES, "the device has no memory of the kind that is needed");
  return false;
}

static bool make_image(struct target *target, int width, int height, VkFormat format, VkImageUsageFlags usage, VkImageAspectFlags aspect,
                       VkImage *image, VkImageView *view, char why[WHY_BYTES]) {
  const VkImageCreateInfo info = {.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
                                  .imageType = VK_IMAGE_TYPE_2D,
                                  .format = format,
                                  .extent = {(uint32_t)width, (uint32_t)height, 1},
                                  .mipLevels = 1,
                                  .arrayLayers = 1,
                                  .samples = VK_SAMPLE_COUNT_1_BIT,
                                  .usage = usage};
  if (!vulkan_is_fine(DEVICE(target, CreateImage)(target->device, &info, NULL, image), "vkCreateImage", why)) return false;
  VkMemoryRequirements needs;
  VkDeviceMemory memory;
  DEVICE(target, GetImageMemoryRequirements)(target->device, *image, &needs);
  if (!allocate(target, &needs, 0, &memory, why)) return false;
  if (!vulkan_is_fine(DEVICE(target, BindImageMemory)(target->device, *image, memory, 0), "vkBindImageMemory", why)) return false;
  const VkImageViewCreateInfo view_info = {.sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO,
                                           .image = *image,
                                           .viewType = VK_IMAGE_VIEW_TYPE_2D,
                                           .format = format,
                                           .subresourceRange = {aspect, 0, 1, 0, 1}};
  return vulkan_is_fine(DEVICE(target, CreateImageView)(target->device, &view_info, NULL, view), "vkCreateImageView", why);
}

static bool make_pixels(struct target *target, int width, int height, char why[WHY_BYTES]) {
  const VkBufferCreateInfo info = {.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
                                   .size = 4UL * (VkDeviceSize)width * (VkDeviceSize)height,
                                   .usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT};
  VkMemoryRequirements needs;
  VkDeviceMemory memory;
  if (!vulkan_is_fine(DEVICE(target, CreateBuffer)(target->device, &info, NULL, &target->pixels), "vkCreateBuffer", why)) return false;
  DEVICE(target, GetBufferMemoryRequirements)(target->device, target->pixels, &needs);
  return allocate(target, &needs, VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT, &memory, why) &&
         vulkan_is_fine(DEVICE(target, BindBufferMemory)(target->device, target->pixels, memory, 0), "vkBindBufferMemory", why) &&
         vulkan_is_fine(DEVICE(target, MapMemory)(target->device, memory, 0, VK_WHOLE_SIZE, 0, &target->pixels_mapped), "vkMapMemory", why);
}

bool target_open(struct target *target, int width, int height, char why[WHY_BYTES]) {
  VkImage depth;
  memset(target, 0, sizeof *target);
  return vulkan_open(&target->vulkan, why) && choose_device(target, why) && open_device(target, why) &&
         make_image(target, width, height, COLOUR_FORMAT, VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT,
                    VK_IMAGE_ASPECT_COLOR_BIT, &target->colour, &target->colour_view, why) &&
         make_image(target, width, height, DEPTH_FORMAT, VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT, VK_IMAGE_ASPECT_DEPTH_BIT, &depth,
                    &target->depth_view, why) &&
         make_pixels(target, width, height, why);
}
