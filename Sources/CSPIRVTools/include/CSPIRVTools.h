// SPIRV-Tools for Swift. The validator has a C interface and is used as it is; the optimiser of the
// versions that distributions ship has only a C++ one, hence the shim below.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Validates `words` for Vulkan 1.2. Returns NULL when valid, else a message to release with `qpgpu_spirv_free`.
char *_Nullable qpgpu_spirv_validate(const uint32_t *_Nonnull words, size_t count);

/// Runs the optimiser's performance recipe. On success returns true and an array to release with
/// `qpgpu_spirv_free`; on failure returns false and a message in `*message`, to release likewise.
bool qpgpu_spirv_optimize(const uint32_t *_Nonnull words, size_t count, uint32_t *_Nullable *_Nonnull optimized,
                          size_t *_Nonnull optimizedCount, char *_Nullable *_Nonnull message);

/// Name and version of the library; never freed.
const char *_Nonnull qpgpu_spirv_version(void);

void qpgpu_spirv_free(void *_Nullable pointer);

#ifdef __cplusplus
}
#endif
