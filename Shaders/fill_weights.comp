#version 450
// Fills a window of W with synthetic weights, each row a function of (seed, row) alone, so that the host can
// recompute any row. Every weight is a small integer times a power of two, exact in its element type.

#include "subgroup.glsl"
#include "philox.glsl"

layout(set = 0, binding = 0) writeonly buffer Weights { uvec4 weights[]; };
layout(set = 0, binding = 1) writeonly buffer Scales { float scales[]; };

layout(push_constant) uniform Constants {
    uint rowFirst;
    uint rowCount;
    uint unitsPerRow;
    uint hiddenSize;
    uint seedLow;
    uint seedHigh;
};

// Bits of element `index` of this unit, out of its random word; zero beyond d.
#if defined(ELEMENT_F32)
#define ELEMENTS_PER_WORD 1u
uint element(uint word, uint index) { return floatBitsToUint(float(int(word & 0x7FFu) - 1024) * 0.000030517578125); }
#elif defined(ELEMENT_F16)
#define ELEMENTS_PER_WORD 2u
uint element(uint word, uint index) {
    float value = float(int((word >> (16u * index)) & 0x7FFu) - 1024) * 0.000030517578125;
    return packHalf2x16(vec2(value, 0.0)) & 0xFFFFu;
}
#elif defined(ELEMENT_BF16)
#define ELEMENTS_PER_WORD 2u
uint element(uint word, uint index) {
    float value = float(int((word >> (16u * index)) & 0xFFu) - 128) * 0.000244140625;
    return floatBitsToUint(value) >> 16;
}
#elif defined(ELEMENT_INT8)
#define ELEMENTS_PER_WORD 4u
uint element(uint word, uint index) {
    uint bits = (word >> (8u * index)) & 0xFFu;
    return bits == 0x80u ? 0x81u : bits;
}
#endif

void main() {
    const uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    const uint first = gl_WorkGroupID.x * gl_WorkGroupSize.x + gl_LocalInvocationIndex;
    const uint row = rowFirst + gl_WorkGroupID.y;
    for (uint unit = first; unit < unitsPerRow; unit += stride) {
        uvec4 random = philox(uvec4(row, unit, 0u, 0u), uvec2(seedLow, seedHigh));
        uvec4 packed = uvec4(0u);
        for (uint word = 0u; word < 4u; ++word) {
            for (uint index = 0u; index < ELEMENTS_PER_WORD; ++index) {
                uint column = (unit * 4u + word) * ELEMENTS_PER_WORD + index;
                if (column < hiddenSize) {
                    packed[word] |= element(random[word], index) << (32u / ELEMENTS_PER_WORD * index % 32u);
                }
            }
        }
        weights[gl_WorkGroupID.y * unitsPerRow + unit] = packed;
    }
#if defined(ELEMENT_INT8)
    if (first == 0u) {
        uint random = philox(uvec4(row, 0u, 1u, 0u), uvec2(seedLow, seedHigh)).x;
        scales[row] = float(0x8000u + (random & 0x7FFFu)) * 7.450580596923828125e-9;
    }
#endif
}
