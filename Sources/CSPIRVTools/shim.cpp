#include "CSPIRVTools.h"

#include <spirv-tools/libspirv.h>

#include <cstdlib>
#include <cstring>
#include <new>
#include <spirv-tools/optimizer.hpp>
#include <string>
#include <vector>

static char *copyOf(const std::string &text) {
    char *copy = static_cast<char *>(std::malloc(text.size() + 1));
    if (copy) std::memcpy(copy, text.c_str(), text.size() + 1);
    return copy;
}

extern "C" char *qpgpu_spirv_validate(const uint32_t *words, size_t count) {
    spv_context context = spvContextCreate(SPV_ENV_VULKAN_1_2);
    spv_const_binary_t binary = {words, count};
    spv_diagnostic diagnostic = nullptr;
    spv_result_t result = spvValidate(context, &binary, &diagnostic);
    char *message = nullptr;
    if (result != SPV_SUCCESS) {
        message = copyOf(diagnostic && diagnostic->error ? diagnostic->error : "no diagnostic");
    }
    spvDiagnosticDestroy(diagnostic);
    spvContextDestroy(context);
    return message;
}

extern "C" bool qpgpu_spirv_optimize(const uint32_t *words, size_t count, uint32_t **optimized,
                                     size_t *optimizedCount, char **message) {
    // No exception may cross into Swift.
    try {
        std::string log;
        spvtools::Optimizer optimizer(SPV_ENV_VULKAN_1_2);
        optimizer.SetMessageConsumer(
            [&log](spv_message_level_t, const char *, const spv_position_t &, const char *text) {
                log += text;
                log += '\n';
            });
        optimizer.RegisterPerformancePasses();
        std::vector<uint32_t> result;
        if (!optimizer.Run(words, count, &result)) {
            *message = copyOf(log.empty() ? "no diagnostic" : log);
            return false;
        }
        *optimized = static_cast<uint32_t *>(std::malloc(result.size() * sizeof(uint32_t)));
        if (!*optimized) throw std::bad_alloc();
        std::memcpy(*optimized, result.data(), result.size() * sizeof(uint32_t));
        *optimizedCount = result.size();
        return true;
    } catch (const std::exception &error) {
        *message = copyOf(error.what());
        return false;
    }
}

extern "C" void qpgpu_spirv_free(void *pointer) { std::free(pointer); }

extern "C" const char *qpgpu_spirv_version(void) { return spvSoftwareVersionDetailsString(); }
