// Patches of convolutions for float; the code is in patch_loops.h.
#include "include/CEngramKernels.h"
#include "kernels.h"

#define REAL float
#define SUFFIX f32
#include "patch_loops.h"
