// REPEAT_n(S) pastes S(0) … S(n−1): an unrolled loop whose variables are names, not array elements.
// Arrays under a specialisation constant ran 1.2–1.7× slower on the software rasteriser measured.
#define REPEAT_1(S) S(0)
#define REPEAT_2(S) S(0) S(1)
#define REPEAT_4(S) REPEAT_2(S) S(2) S(3)
#define REPEAT_8(S) REPEAT_4(S) S(4) S(5) S(6) S(7)
// The same for a second, inner index: COLUMNS_n(S, r) pastes S(r, 0) … S(r, n−1).
#define COLUMNS_1(S, r) S(r, 0)
#define COLUMNS_2(S, r) S(r, 0) S(r, 1)
#define COLUMNS_4(S, r) COLUMNS_2(S, r) S(r, 2) S(r, 3)
#define COLUMNS_8(S, r) COLUMNS_4(S, r) S(r, 4) S(r, 5) S(r, 6) S(r, 7)
// And for the vectors of one unit: a macro cannot expand inside itself, so each nesting level needs its own.
#define PARTS_1(S) S(0)
#define PARTS_2(S) S(0) S(1)
#define PARTS_4(S) S(0) S(1) S(2) S(3)
#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define FOR_ROWS(S) PASTE(REPEAT_, ROWS)(S)
#define FOR_COLUMNS(S) PASTE(REPEAT_, COLUMNS)(S)
#define FOR_PARTS(S) PASTE(PARTS_, H_VECTORS)(S)
#define FOR_COLUMNS_OF(S, r) PASTE(COLUMNS_, COLUMNS)(S, r)
