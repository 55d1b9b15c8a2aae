// The Vulkan headers as Swift sees them. Nothing else belongs here: macros that Swift cannot import
// (VK_API_VERSION_*) are rebuilt in QPDevice, where they can be tested.
#pragma once
// No prototypes, hence no link against the loader: QPDevice opens it at run time, so that a machine without
// one gets a message that says what to install instead of the dynamic linker's.
#define VK_NO_PROTOTYPES
#include <vulkan/vulkan.h>
