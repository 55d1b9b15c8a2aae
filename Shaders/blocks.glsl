// Rows of a screening copy in 6 or 5 bits (BITS) with a scale for each block of 32 elements.
//
// An element is an 8-bit integer whose low bits are zero and not stored. Blocks come in pairs, so that nothing splits a
// word, and pairs in groups of four (the last one may be shorter), so that a row is one stream. A group is 16-byte
// units:
//
//   top four bits   two units a pair, one a block; word w holds vectors 2w (high nibbles) and 2w + 1 (low nibbles)
//   further bits    6: a unit a pair, two words a block; 5: half a unit a pair, a word a block. Bits of one vector lie
//                   as far apart as bytes do
//   scales          one unit, a word a pair: bfloat16, the first block's in the low half. Its range is binary32's, so
//                   that no row needs a scale of its own, and decoding is a shift
//
// Vector f of a block is its elements 4f … 4f + 3, each in a byte of its own.

#define BLOCK_VECTORS 8u
#define PAIR_VECTORS 16u

#if BITS == 6
#define DROPPED_VALUES 4.0
#define FURTHER_MASK 0x0C0C0C0Cu
#define GROUP_UNITS 13u
#define FURTHER_UNIT(pair) (pair)
#define FURTHER_UNITS(pairs) (pairs)
#define FURTHER_WORD(f) ((f) / 4u)
#define FURTHER_PLACE(f) (2 * int((f) % 4u) - 2)
#else
#define DROPPED_VALUES 8.0
#define FURTHER_MASK 0x08080808u
#define GROUP_UNITS 11u
#define FURTHER_UNIT(pair) ((pair) / 2u)
#define FURTHER_UNITS(pairs) (((pairs) + 1u) / 2u)
#define FURTHER_WORD(f) 0u
#define FURTHER_PLACE(f) (int(f) - 3)
#endif

// Where a pair's parts lie in a row, in units.
struct PairPlace {
    uint top;
    uint further;
    uint scales;
};

PairPlace placeOf(uint pair, uint pairs) {
    const uint group = pair / 4u * GROUP_UNITS;
    const uint inGroup = pair % 4u;
    const uint groupPairs = min(4u, pairs - (pair - inGroup));
    const uint further = group + 2u * groupPairs;
    return PairPlace(group + 2u * inGroup, further + FURTHER_UNIT(inGroup), further + FURTHER_UNITS(groupPairs));
}

// The further bits of one block of a pair, as stored.
uvec2 furtherBits(uvec4 unit, uint pair, const uint block) {
#if BITS == 6
    return block == 0u ? unit.xy : unit.zw;
#else
    const uvec2 words = pair % 2u == 0u ? unit.xy : unit.zw;
    return uvec2(words[block], 0u);
#endif
}

// Elements of vector f, as integers.
vec4 blockVector(uvec4 top, uvec2 further, const uint f) {
    const uint high = f % 2u == 0u ? top[f / 2u] : top[f / 2u] << 4;
    const uint word = further[FURTHER_WORD(f)];
    const uint low = FURTHER_PLACE(f) < 0 ? word << -FURTHER_PLACE(f) : word >> FURTHER_PLACE(f);
    const int bytes = int((high & 0xF0F0F0F0u) | (low & FURTHER_MASK));
    return vec4(ivec4(bytes << 24, bytes << 16, bytes << 8, bytes) >> 24);
}

float blockScale(uint word, const uint block) { return uintBitsToFloat(block == 0u ? word << 16 : word & 0xFFFF0000u); }
