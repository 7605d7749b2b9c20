// Optimizer steps for double; the code is in optimizer_loops.h.
#include "include/CEngramKernels.h"
#include "kernels.h"

#define REAL double
#define SUFFIX f64
#include "optimizer_loops.h"
