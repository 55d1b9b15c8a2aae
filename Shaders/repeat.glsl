// REPEAT_n(S) pastes S(0) … S(n−1): an unrolled loop whose variables are names, not array elements.
// Arrays under a specialisation constant ran 1.2–1.7× slower on the software rasteriser measured.
//
// Loops nest rows (r), units (u), parts of a unit (p), columns (n). A macro cannot expand inside itself, so each
// level has its own family, which passes the indices of the levels around it on: COLUMNS_n(S, r, u, p) pastes
// S(r, u, p, 0) … S(r, u, p, n−1).
#define REPEAT_1(S) S(0)
#define REPEAT_2(S) S(0) S(1)
#define REPEAT_4(S) REPEAT_2(S) S(2) S(3)
#define REPEAT_8(S) REPEAT_4(S) S(4) S(5) S(6) S(7)
#define UNITS_1(S, r) S(r, 0)
#define UNITS_2(S, r) S(r, 0) S(r, 1)
#define UNITS_4(S, r) UNITS_2(S, r) S(r, 2) S(r, 3)
#define PARTS_1(S, r, u) S(r, u, 0)
#define PARTS_2(S, r, u) S(r, u, 0) S(r, u, 1)
#define PARTS_4(S, r, u) PARTS_2(S, r, u) S(r, u, 2) S(r, u, 3)
#define PARTS_8(S, r, u) PARTS_4(S, r, u) S(r, u, 4) S(r, u, 5) S(r, u, 6) S(r, u, 7)
#define COLUMNS_1(S, r, u, p) S(r, u, p, 0)
#define COLUMNS_2(S, r, u, p) S(r, u, p, 0) S(r, u, p, 1)
#define COLUMNS_4(S, r, u, p) COLUMNS_2(S, r, u, p) S(r, u, p, 2) S(r, u, p, 3)
#define COLUMNS_8(S, r, u, p) COLUMNS_4(S, r, u, p) S(r, u, p, 4) S(r, u, p, 5) S(r, u, p, 6) S(r, u, p, 7)
#define ROWS_1(S, u, p) S(0, u, p)
#define ROWS_2(S, u, p) S(0, u, p) S(1, u, p)
#define ROWS_4(S, u, p) ROWS_2(S, u, p) S(2, u, p) S(3, u, p)
#define ROWS_8(S, u, p) ROWS_4(S, u, p) S(4, u, p) S(5, u, p) S(6, u, p) S(7, u, p)
#define FOR_ROWS_OF(S, u, p) PASTE(ROWS_, ROWS)(S, u, p)
#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define FOR_ROWS(S) PASTE(REPEAT_, ROWS)(S)
#define FOR_UNITS(S, r) PASTE(UNITS_, UNITS)(S, r)
#define FOR_PARTS(S, r, u) PASTE(PARTS_, H_VECTORS)(S, r, u)
#define FOR_COLUMNS(S, r, u, p) PASTE(COLUMNS_, COLUMNS)(S, r, u, p)
