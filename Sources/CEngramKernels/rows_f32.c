// Bias, backpropagation, residual and noise for float; the code is in row_loops.h.
#include "include/CEngramKernels.h"
#include "kernels.h"

#define REAL float
#define SUFFIX f32
#include "row_loops.h"
