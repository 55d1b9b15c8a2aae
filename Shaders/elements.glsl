// One 16-byte unit of a row of W times its part of h, added to four partial sums.
//
// Macros: ELEMENT_F32 | ELEMENT_F16 | ELEMENT_BF16 | ELEMENT_INT8, and F16_BY_INTEGERS where the driver's
// half-float unpacking flushes subnormals. H_VECTORS is the number of four-element vectors of h that meet one unit.
// Every product goes through fma under `precise`, so scan and gather cannot be contracted differently.

#if defined(ELEMENT_F32)
#define H_VECTORS 1
#elif defined(ELEMENT_INT8)
#define H_VECTORS 4
#else
#define H_VECTORS 2
#endif

#if defined(ELEMENT_F16)
#if defined(F16_BY_INTEGERS)
// A subnormal is its fraction times 2⁻²⁴, exact in binary32; other values only move their exponent.
float halfBits(uint bits) {
    uint magnitude = bits & 0x7FFFu;
    float normal = uintBitsToFloat((magnitude << 13) + (magnitude >= 0x7C00u ? 0x70000000u : 0x38000000u));
    float value = magnitude < 0x400u ? float(magnitude) * 5.9604644775390625e-8 : normal;
    return (bits & 0x8000u) != 0u ? -value : value;
}
vec2 halfPair(uint word) { return vec2(halfBits(word & 0xFFFFu), halfBits(word >> 16)); }
#else
vec2 halfPair(uint word) { return unpackHalf2x16(word); }
#endif
#endif

vec4 weightVector(uvec4 unit, const uint index) {
#if defined(ELEMENT_F32)
    return uintBitsToFloat(unit);
#elif defined(ELEMENT_F16)
    return index == 0u ? vec4(halfPair(unit.x), halfPair(unit.y)) : vec4(halfPair(unit.z), halfPair(unit.w));
#elif defined(ELEMENT_BF16)
    uvec2 pair = index == 0u ? unit.xy : unit.zw;
    return uintBitsToFloat(uvec4(pair.x << 16, pair.x & 0xFFFF0000u, pair.y << 16, pair.y & 0xFFFF0000u));
#elif defined(ELEMENT_INT8)
    int word = int(unit[index]);
    return vec4(ivec4(word << 24, word << 16, word << 8, word) >> 24);
#endif
}
