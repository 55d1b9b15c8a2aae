// Debian 12's libstdc++.a takes std::random_device from glibc 2.36's arc4random; the bundle promises to run on
// glibc 2.35. The same on getentropy, which glibc has had since 2.25.
#include <stdlib.h>
#include <unistd.h>

__attribute__((visibility("hidden"))) unsigned arc4random(void) {
    unsigned value;
    if (getentropy(&value, sizeof value) != 0) abort();
    return value;
}
