// Euclidean norms rounded up: what a bound is made of may be too large, never too small.
//
// The sum of squares is short by its rounding and by squares that were flushed to zero, fewer than 2⁻¹²⁶ each. The
// factor `rounding` covers the former, a floor of √(count · 2⁻¹²⁶) the latter.

#define INFINITE uintBitsToFloat(0x7F800000u)
// A score of longer vectors could overflow on the way although its value would not: no interval holds there.
const float LONGEST = 9223372036854775808.0;  // 2⁶³

// `squares`: the sum; `count`: how many squares it holds.
float normUp(float squares, float rounding, uint count) {
    float norm = sqrt(squares + float(count) * 1.1754943508222875e-38) * rounding;
    // Also false for NaN.
    return norm < LONGEST ? norm : INFINITE;
}

// A float at least as large as a sum or product that rounding may have left short by a few units in the last place.
float up(float value) { return value * 1.000003814697265625; }
