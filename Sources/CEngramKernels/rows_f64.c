// Bias, backpropagation, residual and noise for double; the code is in row_loops.h.
#include "include/CEngramKernels.h"
#include "kernels.h"

#define REAL double
#define SUFFIX f64
#include "row_loops.h"
