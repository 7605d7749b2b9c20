#ifndef ENGRAM_CPNG_SHIM_H
#define ENGRAM_CPNG_SHIM_H
#include <png.h>
#endif
