#ifndef ENGRAM_CJPEG_SHIM_H
#define ENGRAM_CJPEG_SHIM_H
#include <stdio.h>
#include <jpeglib.h>
#endif
