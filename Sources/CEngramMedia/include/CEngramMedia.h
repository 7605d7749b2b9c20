#ifndef CENGRAM_MEDIA_H
#define CENGRAM_MEDIA_H
#endif
