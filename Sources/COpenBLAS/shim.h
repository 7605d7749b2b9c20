#ifndef ENGRAM_COPENBLAS_SHIM_H
#define ENGRAM_COPENBLAS_SHIM_H

/* LAPACKE's own complex types are C99 _Complex, which Swift cannot import. */
#define LAPACK_COMPLEX_CUSTOM
typedef struct { float real, imag; } engram_complex_float;
typedef struct { double real, imag; } engram_complex_double;
#define lapack_complex_float engram_complex_float
#define lapack_complex_double engram_complex_double

#include <cblas.h>
#include <lapacke.h>

#endif
