// A step's time as a function of K, in integers: the same steps as `CostCurve.nanoseconds(at:)`, to the nanosecond.
//
// Curves lie behind one another in `curves`: word 0 the epoch, word 1 their number, then the number of points of each,
// then the points of all, eight words each:
//   K, width of the segment that begins here, time (low, high), slope's quotient (low, high), slope's remainder,
//   largest distance from K whose rise does not saturate
// The last point's segment is the one before it, so that the curve goes on along it.

const uint POINT_WORDS = 8u;
const uvec2 MAXIMUM_NANOSECONDS = uvec2(0u, 256u);  // 2⁴⁰, low word first

bool isLess(uvec2 a, uvec2 b) { return a.y < b.y || (a.y == b.y && a.x < b.x); }

uvec2 addWide(uvec2 a, uvec2 b) {
    uint carry;
    uint low = uaddCarry(a.x, b.x, carry);
    return uvec2(low, a.y + b.y + carry);
}

// ⌊x · r / w⌋ for r < w and a quotient below 2³², by shifting and subtracting.
uint scaledDown(uint x, uint r, uint w) {
    uint high;
    uint low;
    umulExtended(x, r, high, low);
    uint rest = high;
    uint quotient = 0u;
    for (int bit = 31; bit >= 0; --bit) {
        // A rest of 2³¹ or more loses its top bit here; it is then larger than w for certain.
        bool isLarge = rest >= 0x80000000u;
        rest = (rest << 1) | ((low >> uint(bit)) & 1u);
        if (isLarge || rest >= w) {
            rest -= w;
            quotient |= 1u << uint(bit);
        }
    }
    return quotient;
}

uint firstPoint(uint curve) {
    uint at = 2u + curves[1];
    for (uint index = 0u; index < curve; ++index) at += curves[2u + index] * POINT_WORDS;
    return at;
}

// Time of `curve` at K, low word first.
uvec2 nanoseconds(uint curve, uint K) {
    const uint base = firstPoint(curve);
    const uint count = curves[2u + curve];
    uint low = 0u;
    uint high = count;
    while (low < high) {
        uint middle = (low + high) / 2u;
        if (curves[base + middle * POINT_WORDS] < K) low = middle + 1u; else high = middle;
    }
    // At a point, or below the first.
    const uint upper = base + min(low, count - 1u) * POINT_WORDS;
    if (low == 0u || (low < count && curves[upper] == K)) return uvec2(curves[upper + 2u], curves[upper + 3u]);
    const uint from = base + (low - 1u) * POINT_WORDS;
    const uint x = K - curves[from];
    if (x > curves[from + 7u]) return MAXIMUM_NANOSECONDS;
    uint carryWord;
    uint product;
    umulExtended(x, curves[from + 4u], carryWord, product);
    uvec2 rise = uvec2(product, carryWord + x * curves[from + 5u]);
    rise = addWide(rise, uvec2(scaledDown(x, curves[from + 6u], curves[from + 1u]), 0u));
    uvec2 sum = addWide(uvec2(curves[from + 2u], curves[from + 3u]), rise);
    return isLess(MAXIMUM_NANOSECONDS, sum) ? MAXIMUM_NANOSECONDS : sum;
}

// The curve of least time at K; the first where two are equal.
uint cheapest(uint K) {
    uint best = 0u;
    uvec2 least = nanoseconds(0u, K);
    for (uint curve = 1u; curve < curves[1]; ++curve) {
        uvec2 time = nanoseconds(curve, K);
        if (isLess(time, least)) {
            least = time;
            best = curve;
        }
    }
    return best;
}
