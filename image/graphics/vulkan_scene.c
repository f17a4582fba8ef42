/* Frames a second of the scene in Vulkan, without a window, each frame waited for. From: probe.c (`vulkan-scene`), vulkan_target.c. */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "probe.h"
#include "scene_frag.spv.h"
#include "scene_vert.spv.h"
#include "vulkan_target.h"

/* A hung GPU is a failure, not a wait. */
#define FENCE_NS 5000000000ULL

struct drawing {
  struct target target;
  VkRenderPass pass;
  VkFramebuffer framebuffer;
  VkPipelineLayout layout;
  VkPipeline pipeline;
};

static bool make_pass(struct drawing *drawing, const struct scene *scene, char why[WHY_BYTES]) {
  struct target *target = &drawing->target;
  const VkAttachmentDescription attachments[] = {
      {.format = COLOUR_FORMAT,
       .samples = VK_SAMPLE_COUNT_1_BIT,
       .loadOp = VK_ATTACHMENT_LOAD_OP_CLEAR,
       .storeOp = VK_ATTACHMENT_STORE_OP_STORE,
       .stencilLoadOp = VK_ATTACHMENT_LOAD_OP_DONT_CARE,
       .stencilStoreOp = VK_ATTACHMENT_STORE_OP_DONT_CARE,
       .finalLayout = VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL},
      {.format = DEPTH_FORMAT,
       .samples = VK_SAMPLE_COUNT_1_BIT,
       .loadOp = VK_ATTACHMENT_LOAD_OP_CLEAR,
       .storeOp = VK_ATTACHMENT_STORE_OP_DONT_CARE,
       .stencilLoadOp = VK_ATTACHMENT_LOAD_OP_DONT_CARE,
       .stencilStoreOp = VK_ATTACHMENT_STORE_OP_DONT_CARE,
       .finalLayout = VK_IMAGE_LAYOUT_DEPTH_STENCIL_ATTACHMENT_OPTIMAL}};
  const VkAttachmentReference colour = {0, VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL};
  const VkAttachmentReference depth = {1, VK_IMAGE_LAYOUT_DEPTH_STENCIL_ATTACHMENT_OPTIMAL};
  const VkSubpassDescription subpass = {.pipelineBindPoint = VK_PIPELINE_BIND_POINT_GRAPHICS,
                                        .colorAttachmentCount = 1,
                                        .pColorAttachments = &colour,
                                        .pDepthStencilAttachment = &depth};
  /* The copy out of the picture waits for the drawing. */
  const VkSubpassDependency dependency = {.srcSubpass = 0,
                                          .dstSubpass = VK_SUBPASS_EXTERNAL,
                                          .srcStageMask = VK_PIPELINE_STAGE_COLOR_ATTACHMENT_OUTPUT_BIT,
                                          .dstStageMask = VK_PIPELINE_STAGE_TRANSFER_BIT,
                                          .srcAccessMask = VK_ACCESS_COLOR_ATTACHMENT_WRITE_BIT,
                                          .dstAccessMask = VK_ACCESS_TRANSFER_READ_BIT};
  const VkRenderPassCreateInfo pass = {.sType = VK_STRUCTURE_TYPE_RENDER_PASS_CREATE_INFO,
                                       .attachmentCount = 2,
                                       .pAttachments = attachments,
                                       .subpassCount = 1,
                                       .pSubpasses = &subpass,
                                       .dependencyCount = 1,
                                       .pDependencies = &dependency};
  if (!vulkan_is_fine(DEVICE(target, CreateRenderPass)(target->device, &pass, NULL, &drawing->pass), "vkCreateRenderPass", why))
    return false;
  const VkImageView views[] = {target->colour_view, target->depth_view};
  const VkFramebufferCreateInfo framebuffer = {.sType = VK_STRUCTURE_TYPE_FRAMEBUFFER_CREATE_INFO,
                                               .renderPass = drawing->pass,
                                               .attachmentCount = 2,
                                               .pAttachments = views,
                                               .width = (uint32_t)scene->width,
                                               .height = (uint32_t)scene->height,
                                               .layers = 1};
  return vulkan_is_fine(DEVICE(target, CreateFramebuffer)(target->device, &framebuffer, NULL, &drawing->framebuffer),
                        "vkCreateFramebuffer", why);
}

static VkShaderModule make_shader(struct target *target, const uint32_t *words, size_t bytes) {
  const VkShaderModuleCreateInfo info = {.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO, .codeSize = bytes, .pCode = words};
  VkShaderModule shader = VK_NULL_HANDLE;
  DEVICE(target, CreateShaderModule)(target->device, &info, NULL, &shader);
  return shader;
}

static bool make_pipeline(struct drawing *drawing, const struct scene *scene, char why[WHY_BYTES]) {
  struct target *target = &drawing->target;
  const VkPushConstantRange frame = {VK_SHADER_STAGE_VERTEX_BIT, 0, 2 * sizeof(float)};
  const VkPipelineLayoutCreateInfo layout = {
      .sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO, .pushConstantRangeCount = 1, .pPushConstantRanges = &frame};
  if (!vulkan_is_fine(DEVICE(target, CreatePipelineLayout)(target->device, &layout, NULL, &drawing->layout), "vkCreatePipelineLayout", why))
    return false;
  const VkPipelineShaderStageCreateInfo stages[] = {
      {.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
       .stage = VK_SHADER_STAGE_VERTEX_BIT,
       .module = make_shader(target, scene_vert_spv, sizeof scene_vert_spv),
       .pName = "main"},
      {.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
       .stage = VK_SHADER_STAGE_FRAGMENT_BIT,
       .module = make_shader(target, scene_frag_spv, sizeof scene_frag_spv),
       .pName = "main"}};
  const VkPipelineVertexInputStateCreateInfo input = {.sType = VK_STRUCTURE_TYPE_PIPELINE_VERTEX_INPUT_STATE_CREATE_INFO};
  const VkPipelineInputAssemblyStateCreateInfo assembly = {.sType = VK_STRUCTURE_TYPE_PIPELINE_INPUT_ASSEMBLY_STATE_CREATE_INFO,
                                                           .topology = VK_PRIMITIVE_TOPOLOGY_TRIANGLE_LIST};
  const VkViewport viewport = {0, 0, (float)scene->width, (float)scene->height, 0, 1};
  const VkRect2D scissor = {{0, 0}, {(uint32_t)scene->width, (uint32_t)scene->height}};
  const VkPipelineViewportStateCreateInfo view = {.sType = VK_STRUCTURE_TYPE_PIPELINE_VIEWPORT_STATE_CREATE_INFO,
                                                  .viewportCount = 1,
                                                  .pViewports = &viewport,
                                                  .scissorCount = 1,
                                                  .pScissors = &scissor};
  const VkPipelineRasterizationStateCreateInfo raster = {.sType = VK_STRUCTURE_TYPE_PIPELINE_RASTERIZATION_STATE_CREATE_INFO,
                                                         .polygonMode = VK_POLYGON_MODE_FILL,
                                                         .lineWidth = 1};
  const VkPipelineMultisampleStateCreateInfo samples = {.sType = VK_STRUCTURE_TYPE_PIPELINE_MULTISAMPLE_STATE_CREATE_INFO,
                                                        .rasterizationSamples = VK_SAMPLE_COUNT_1_BIT};
  const VkPipelineDepthStencilStateCreateInfo depth = {.sType = VK_STRUCTURE_TYPE_PIPELINE_DEPTH_STENCIL_STATE_CREATE_INFO,
                                                       .depthTestEnable = VK_TRUE,
                                                       .depthWriteEnable = VK_TRUE,
                                                       .depthCompareOp = VK_COMPARE_OP_LESS};
  const VkPipelineColorBlendAttachmentState opaque = {.colorWriteMask = 0xf};
  const VkPipelineColorBlendStateCreateInfo blend = {
      .sType = VK_STRUCTURE_TYPE_PIPELINE_COLOR_BLEND_STATE_CREATE_INFO, .attachmentCount = 1, .pAttachments = &opaque};
  const VkGraphicsPipelineCreateInfo info = {.sType = VK_STRUCTURE_TYPE_GRAPHICS_PIPELINE_CREATE_INFO,
                                             .stageCount = 2,
                                             .pStages = stages,
                                             .pVertexInputState = &input,
                                             .pInputAssemblyState = &assembly,
                                             .pViewportState = &view,
                                             .pRasterizationState = &raster,
                                             .pMultisampleState = &samples,
                                             .pDepthStencilState = &depth,
                                             .pColorBlendState = &blend,
                                             .layout = drawing->layout,
                                             .renderPass = drawing->pass};
  return vulkan_is_fine(DEVICE(target, CreateGraphicsPipelines)(target->device, VK_NULL_HANDLE, 1, &info, NULL, &drawing->pipeline),
                        "vkCreateGraphicsPipelines", why);
}

/* One frame, to its end; with `is_kept` its pixels are where the processor reads them. */
static bool draw(struct drawing *drawing, const struct scene *scene, double seconds, bool is_kept, char why[WHY_BYTES]) {
  struct target *target = &drawing->target;
  VkCommandBuffer commands = target->commands;
  const VkCommandBufferBeginInfo begin = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
                                          .flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT};
  const VkClearValue clear[] = {{.color = {.float32 = {SCENE_BACKGROUND, 1}}}, {.depthStencil = {1, 0}}};
  const VkRenderPassBeginInfo pass = {.sType = VK_STRUCTURE_TYPE_RENDER_PASS_BEGIN_INFO,
                                      .renderPass = drawing->pass,
                                      .framebuffer = drawing->framebuffer,
                                      .renderArea = {{0, 0}, {(uint32_t)scene->width, (uint32_t)scene->height}},
                                      .clearValueCount = 2,
                                      .pClearValues = clear};
  const float frame[] = {(float)seconds, (float)scene->width / (float)scene->height};
  const VkSubmitInfo submit = {.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO, .commandBufferCount = 1, .pCommandBuffers = &commands};
  DEVICE(target, BeginCommandBuffer)(commands, &begin);
  DEVICE(target, CmdBeginRenderPass)(commands, &pass, VK_SUBPASS_CONTENTS_INLINE);
  DEVICE(target, CmdBindPipeline)(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, drawing->pipeline);
  DEVICE(target, CmdPushConstants)(commands, drawing->layout, VK_SHADER_STAGE_VERTEX_BIT, 0, sizeof frame, frame);
  DEVICE(target, CmdDraw)(commands, SCENE_VERTICES, SCENE_RINGS, 0, 0);
  DEVICE(target, CmdEndRenderPass)(commands);
  if (is_kept) {
    const VkBufferImageCopy copy = {.imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1},
                                    .imageExtent = {(uint32_t)scene->width, (uint32_t)scene->height, 1}};
    const VkMemoryBarrier barrier = {.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
                                     .srcAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT,
                                     .dstAccessMask = VK_ACCESS_HOST_READ_BIT};
    DEVICE(target, CmdCopyImageToBuffer)(commands, target->colour, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, target->pixels, 1, &copy);
    DEVICE(target, CmdPipelineBarrier)(commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &barrier, 0, NULL, 0,
                                       NULL);
  }
  DEVICE(target, EndCommandBuffer)(commands);
  DEVICE(target, ResetFences)(target->device, 1, &target->fence);
  return vulkan_is_fine(DEVICE(target, QueueSubmit)(target->queue, 1, &submit, target->fence), "vkQueueSubmit", why) &&
         vulkan_is_fine(DEVICE(target, WaitForFences)(target->device, 1, &target->fence, VK_TRUE, FENCE_NS), "vkWaitForFences", why);
}

static bool check(struct drawing *drawing, const struct scene *scene, char why[WHY_BYTES]) {
  if (!draw(drawing, scene, 0, true, why)) return false;
  const uint8_t *pixels = drawing->target.pixels_mapped;
  if (!picture_is_drawn(pixels, scene->width, scene->height)) {
    snprintf(why, WHY_BYTES, "the picture is empty");
    return false;
  }
  if (scene->ppm == NULL || picture_write(scene->ppm, pixels, scene->width, scene->height)) return true;
  snprintf(why, WHY_BYTES, "%s cannot be written", scene->ppm);
  return false;
}

static void measure(FILE *out, const void *about) {
  const struct scene *scene = about;
  struct drawing drawing;
  char why[WHY_BYTES];
  memset(&drawing, 0, sizeof drawing);
  const bool is_fine = target_open(&drawing.target, scene->width, scene->height, why) && make_pass(&drawing, scene, why) &&
                       make_pipeline(&drawing, scene, why) && check(&drawing, scene, why);
  const char *renderer = drawing.target.renderer[0] != 0 ? drawing.target.renderer : NULL;
  if (!is_fine) return scene_report(out, 0, 0, renderer, why);
  long frames = 0;
  const double start = seconds_now();
  double now = start;
  for (; now - start < scene->seconds; frames++, now = seconds_now())
    if (!draw(&drawing, scene, now - start, false, why)) return scene_report(out, 0, 0, renderer, why);
  scene_report(out, (double)frames / (now - start), frames, renderer, NULL);
}

static void nothing(FILE *out, const char *why) { scene_report(out, 0, 0, NULL, why); }

void vulkan_scene_report(FILE *out, const struct scene *scene) {
  child_answer(out, CHILD_SECONDS + scene->seconds, measure, scene, nothing);
}
