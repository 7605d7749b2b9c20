// Patches of convolutions for double; the code is in patch_loops.h.
#include "include/CEngramKernels.h"
#include "kernels.h"

#define REAL double
#define SUFFIX f64
#include "patch_loops.h"
