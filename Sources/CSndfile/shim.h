#ifndef ENGRAM_CSNDFILE_SHIM_H
#define ENGRAM_CSNDFILE_SHIM_H
#include <sndfile.h>
#endif
