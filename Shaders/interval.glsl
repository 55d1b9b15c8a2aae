// The intervals that a filter gives four rows at a time: approximate score ± (coefficient · reach.x + reach.y).
//
// The coefficient is the row's part of the radius, `reach` that of the batch row. The radius is widened by more than
// rounding here can take away, so that `lower` and `upper` hold the true ends whatever the rounding mode; one more
// constant covers results that the device flushes to zero. Every operation stands alone under `precise`: the host's
// reference gives the same bits.
//
// Four scores or coefficients are one load: loads are what selecting costs, and a software rasteriser that was measured
// takes them from texels much faster than from storage buffers.

#if defined(SOURCE_TEXELS)
layout(set = 0, binding = 0) uniform usamplerBuffer scores;        // [batch, ⌈V/4⌉] times four
layout(set = 0, binding = 1) uniform usamplerBuffer coefficients;  // [⌈V/4⌉] times four
#define FOUR(buffer, index) uintBitsToFloat(texelFetch(buffer, int(index)))
#else
layout(set = 0, binding = 0) readonly buffer Scores { vec4 scores[]; };
layout(set = 0, binding = 1) readonly buffer Coefficients { vec4 coefficients[]; };
#define FOUR(buffer, index) buffer[index]
#endif

#define MINUS_INFINITY uintBitsToFloat(0xFF800000u)

struct Intervals {
    vec4 lower;
    vec4 upper;
    bvec4 areUsable;  // false: nothing is known of the row, so it stays
};

bvec4 areFinite(vec4 v) {
    return notEqual(floatBitsToUint(v) & 0x7F800000u, uvec4(0x7F800000u));
}

Intervals intervalsOf(vec4 score, vec4 coefficient, vec2 reach) {
    precise vec4 product = coefficient * reach.x;
    precise vec4 radius = product + reach.y;
    precise vec4 wide = radius * 1.00000095367431640625;    // 1 + 2⁻²⁰
    precise vec4 slack = abs(score) * 4.76837158203125e-7;  // 2⁻²¹
    precise vec4 rest = slack + 7.52316384526264e-37;       // 2⁻¹²⁰
    precise vec4 whole = wide + rest;
    precise vec4 lower = score - whole;
    precise vec4 upper = score + whole;
    const bvec4 known = areFinite(score);
    const bvec4 bounded = areFinite(whole);
    return Intervals(
        lower, upper,
        bvec4(known.x && bounded.x, known.y && bounded.y, known.z && bounded.z, known.w && bounded.w));
}

// The two largest of two sets of lower ends, each its own two largest in order.
vec2 mergeEnds(vec2 a, vec2 b) { return vec2(max(a.x, b.x), max(min(a.x, b.x), max(a.y, b.y))); }

vec2 subgroupMergeEnds(vec2 ends) {
    for (uint distance = 1u; distance < SUBGROUP; distance <<= 1) {
        ends = mergeEnds(ends, subgroupShuffleXor(ends, distance));
    }
    return ends;
}

// Bits of a mask word that stand for rows.
uint validBits(uint bits, uint word, uint vocabularySize) {
    const uint valid = vocabularySize - word * 32u;
    return valid >= 32u ? bits : bits & ((1u << valid) - 1u);
}

uint packBits(bvec4 v) { return uint(v.x) | uint(v.y) << 1 | uint(v.z) << 2 | uint(v.w) << 3; }
