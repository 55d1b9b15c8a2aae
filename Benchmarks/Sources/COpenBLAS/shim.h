// OpenBLAS through the interface that every BLAS has, and its own calls for threads and version.
#pragma once
#include <cblas.h>
