#include "CEngramMedia.h"
