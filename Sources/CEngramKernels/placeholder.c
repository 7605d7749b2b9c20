#include "CEngramKernels.h"
