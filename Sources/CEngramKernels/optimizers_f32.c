// Optimizer steps for float; the code is in optimizer_loops.h.
#include "include/CEngramKernels.h"
#include "kernels.h"

#define REAL float
#define SUFFIX f32
#include "optimizer_loops.h"
