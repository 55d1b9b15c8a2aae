// The Vulkan headers as Swift sees them. Nothing else belongs here: macros that Swift cannot import
// (VK_API_VERSION_*) are rebuilt in QPDevice, where they can be tested.
#pragma once
#include <vulkan/vulkan.h>
