// Gumbel noise and softmax weights in integers: the same functions as QPCore's Noise, bit for bit.

const uint TWO_THIRDS = 0xAAAAAAABu;

int upperWord(int a, int b) {
    int high;
    int low;
    imulExtended(a, b, high, low);
    return high;
}

// ln(1 + x) / x on ±1/3, in units of 2⁻³⁰; x in units of 2⁻³².
int logarithmRatio(int x) {
    int sum = 127784742;
    sum = upperWord(sum, x) - 139994870;
    sum = upperWord(sum, x) + 115763467;
    sum = upperWord(sum, x) - 130391343;
    sum = upperWord(sum, x) + 153568213;
    sum = upperWord(sum, x) - 179147662;
    sum = upperWord(sum, x) + 214744818;
    sum = upperWord(sum, x) - 268431625;
    sum = upperWord(sum, x) + 357913961;
    sum = upperWord(sum, x) - 536870933;
    return upperWord(sum, x) + 1073741824;
}

// The upper 32 bits of a 64-bit number, low word first, from its first one on; `zeros`: those before it.
uint mantissaOf(uvec2 v, out int zeros) {
    if (v.y == 0u) {
        const int own = 31 - findMSB(v.x);
        zeros = 32 + own;
        return v.x << own;
    }
    zeros = 31 - findMSB(v.y);
    return zeros == 0 ? v.y : (v.y << zeros) | (v.x >> (32 - zeros));
}

// A mantissa of [1/2, 1) as 1 + x of [2/3, 4/3): x, and 1 where that took doubling.
ivec2 centred(uint mantissa) {
    return mantissa < TWO_THIRDS ? ivec2(int(mantissa << 1), 1) : ivec2(int(mantissa), 0);
}

// −ln(−ln u), u = word · 2⁻⁶⁴ with its last bit set.
float gumbelOf(uvec2 word) {
    const uvec2 u = uvec2(word.x | 1u, word.y);
    uint exponential;
    int scale;
    int zeros;
    if (u.y >= TWO_THIRDS) {
        const uvec2 v = uvec2(~u.x + 1u, ~u.y);  // u.x is odd, so nothing is carried
        const uint mantissa = mantissaOf(v, zeros);
        uint low;
        umulExtended(mantissa, uint(logarithmRatio(-int(v.y))), exponential, low);
        scale = 30 + zeros;
    } else {
        const ivec2 c = centred(mantissaOf(u, zeros));
        const int ln = upperWord(c.x, logarithmRatio(c.x));
        exponential = uint(zeros + c.y) * 46516320u - uint(ln >> 4);
        scale = 26;
    }
    const int leading = 31 - findMSB(exponential);
    const ivec2 c = centred(exponential << leading);
    const int exponent = 32 - leading - scale - c.y;
    const int ln = upperWord(c.x, logarithmRatio(c.x));
    const int whole = exponent * 23258159 + (exponent * 61348 >> 16);
    int units = (-whole - (ln >> 5) + 16) >> 5;
    if (units >= 1 << 24) units &= ~3;
    return float(units) * 9.5367431640625e-7;  // 2⁻²⁰
}

// e^−(distance · inverse) in units of 2⁻⁴³, low word first.
uvec2 weightOf(float distance, float inverse) {
    precise float x = distance * inverse;
    if (!(x < 31.0)) return uvec2(0u);
    uint high;
    uint low;
    umulExtended(uint(x * 67108864.0), 3098164009u, high, low);  // 2²⁶
    const int z = int(((high << 7) | (low >> 25)) ^ 0x80000000u);
    int sum = -11619;
    sum = upperWord(sum, z) + 117454;
    sum = upperWord(sum, z) - 1012345;
    sum = upperWord(sum, z) + 7302487;
    sum = upperWord(sum, z) - 42141502;
    sum = upperWord(sum, z) + 182392009;
    sum = upperWord(sum, z) - 526272083;
    const uint power = uint(upperWord(sum, z) + 759250125);
    const uint shift = high >> 25;
    const uvec2 wide = uvec2(power << 13, power >> 19);
    if (shift >= 32u) return uvec2(wide.y >> (shift - 32u), 0u);
    return shift == 0u ? wide : uvec2((wide.x >> shift) | (wide.y << (32u - shift)), wide.y >> shift);
}
