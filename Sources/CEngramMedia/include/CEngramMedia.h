#ifndef CENGRAM_MEDIA_H
#define CENGRAM_MEDIA_H

// The one wall between Swift and the C codecs. Every function takes bytes in memory, writes into memory
// that the caller owns and sized, and returns a status. No longjmp, callback or C allocation leaves it.

#include <stddef.h>
#include <stdint.h>

#define ENGRAM_MESSAGE_SIZE 256

typedef enum engram_status {
    ENGRAM_OK = 0,
    ENGRAM_OUT_OF_MEMORY = 1,
    ENGRAM_MALFORMED = 2,    // `message` holds the codec's reason
    ENGRAM_TRUNCATED = 3,    // the input ended before the stream did
    ENGRAM_OUTPUT_FULL = 4,  // the stream holds more than the caller's buffer
    ENGRAM_TRAILING = 5,     // bytes follow the end of the stream
} engram_status;

// zlib

uint32_t engram_crc32(uint32_t crc, const uint8_t *bytes, size_t count);

/// Inflates every gzip member of `input` into `output`. `consumed` and `produced` are set in every case;
/// `consumed` is the offset at which the reader stopped.
engram_status engram_gunzip(
    const uint8_t *input, size_t count, uint8_t *output, size_t capacity, size_t *consumed, size_t *produced,
    char message[ENGRAM_MESSAGE_SIZE]);

/// Most bytes that `engram_gzip` can produce for `count` bytes.
size_t engram_gzip_bound(size_t count);

/// Writes one gzip member whose header has no name and no time, so the same input gives the same bytes.
engram_status engram_gzip(const uint8_t *input, size_t count, uint8_t *output, size_t capacity, size_t *produced);

// libpng

typedef struct engram_png_layout {
    uint32_t width;
    uint32_t height;
    uint8_t channels;   // 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha
    uint8_t bit_depth;  // 1, 2, 4, 8 or 16
} engram_png_layout;

enum {
    /// Compressed bytes behind the last pixel are passed over.
    ENGRAM_PNG_TAKES_MORE_DATA = 1,
    /// Of a palette the indexes are decoded, one byte each, and not their colours.
    ENGRAM_PNG_INDEXES = 2,
};

/// Decodes a PNG into row-major codes: one byte each up to 8 bits, two bytes (most significant first) at 16.
/// Palettes become RGB and tRNS becomes alpha; no colour correction. `layout` is what the caller expects and
/// sized `output` for; a file that decodes to anything else is malformed. `options` are those above.
engram_status engram_png_decode(
    const uint8_t *input, size_t count, engram_png_layout layout, unsigned options, uint8_t *output, size_t capacity,
    char message[ENGRAM_MESSAGE_SIZE]);

/// Encodes codes laid out as `engram_png_decode` returns them.
engram_status engram_png_encode(
    const uint8_t *codes, engram_png_layout layout, uint8_t *output, size_t capacity, size_t *produced,
    char message[ENGRAM_MESSAGE_SIZE]);

// libjpeg-turbo

typedef struct engram_jpeg_layout {
    uint32_t width;
    uint32_t height;
    uint8_t channels;  // 1 gray, 3 RGB
} engram_jpeg_layout;

/// Decodes a JPEG of 8 bits into row-major codes of one byte. `layout` is what the caller expects and sized `output` for; a file that
/// decodes to anything else is malformed, and so is one whose pixels libjpeg would have to make up.
engram_status engram_jpeg_decode(
    const uint8_t *input, size_t count, engram_jpeg_layout layout, uint8_t *output, size_t capacity,
    char message[ENGRAM_MESSAGE_SIZE]);

// libsndfile

typedef struct engram_audio_info {
    int64_t frames;
    int32_t sample_rate;
    int32_t channels;
    int32_t format;  // SF_FORMAT_… of <sndfile.h>: container | subtype | byte order
} engram_audio_info;

typedef struct engram_audio engram_audio;

/// Opens audio in memory. `bytes` must outlive the handle. NULL on failure, with `message` set.
engram_audio *engram_audio_open(
    const uint8_t *bytes, size_t count, engram_audio_info *info, char message[ENGRAM_MESSAGE_SIZE]);

/// Reads up to `frames` frames of integer codes, left-justified in 32 bits. Returns the frames read, or -1
/// with `message` set.
int64_t engram_audio_read_int(engram_audio *audio, int32_t *output, int64_t frames, char message[ENGRAM_MESSAGE_SIZE]);

/// Reads up to `frames` frames as doubles, full scale 1 (float codes as they are).
int64_t engram_audio_read_double(engram_audio *audio, double *output, int64_t frames, char message[ENGRAM_MESSAGE_SIZE]);

void engram_audio_close(engram_audio *audio);

/// Writes left-justified 32-bit integer codes (`doubles` NULL) or doubles (`codes` NULL) as one audio file.
engram_status engram_audio_write(
    engram_audio_info info, const int32_t *codes, const double *doubles, uint8_t *output, size_t capacity,
    size_t *produced, char message[ENGRAM_MESSAGE_SIZE]);

// libFLAC

typedef struct engram_flac_info {
    uint64_t frames;  // samples of one channel that decoded
    uint32_t sample_rate;
    uint32_t channels;
    uint32_t bits_per_sample;
    uint32_t has_md5;  // 0 where STREAMINFO holds no checksum
} engram_flac_info;

/// Decodes a whole native FLAC stream, interleaved, and checks each frame against `info` (STREAMINFO as the
/// caller parsed it), every frame's CRC, and the MD5 of the audio. `output` may be NULL to count frames only.
/// On return `info->frames` is the number of frames decoded.
engram_status engram_flac_decode(
    const uint8_t *input, size_t count, engram_flac_info *info, uint32_t minimum_block, uint32_t maximum_block,
    int32_t *output, uint64_t frame_capacity, char message[ENGRAM_MESSAGE_SIZE]);

// libsamplerate

/// Resamples interleaved frames by `ratio` (output rate over input rate) with the best sinc filter. Returns the frames written into
/// `output`, which holds `capacity` of them, or -1 with the reason in `message`.
int64_t engram_resample(
    const float *input, int64_t frames, int32_t channels, double ratio, float *output, int64_t capacity,
    char message[ENGRAM_MESSAGE_SIZE]);

#endif
