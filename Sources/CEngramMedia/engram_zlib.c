#include "CEngramMedia.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

// zlib counts in uInt; larger buffers are fed in pieces of at most this size.
static const size_t piece = (size_t)1 << 30;

static uInt next_piece(size_t left) { return (uInt)(left < piece ? left : piece); }

uint32_t engram_crc32(uint32_t crc, const uint8_t *bytes, size_t count) {
    return (uint32_t)crc32_z(crc, bytes, count);
}

engram_status engram_gunzip(
    const uint8_t *input, size_t count, uint8_t *output, size_t capacity, size_t *consumed, size_t *produced,
    char message[ENGRAM_MESSAGE_SIZE]) {
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    *consumed = 0;
    *produced = 0;
    message[0] = 0;
    // 15 window bits, plus 16 for a gzip header and trailer with CRC and length checked.
    if (inflateInit2(&stream, 15 + 16) != Z_OK) return ENGRAM_OUT_OF_MEMORY;
    engram_status status = ENGRAM_OK;
    for (;;) {
        uInt fed = next_piece(count - *consumed), room = next_piece(capacity - *produced);
        uint8_t overflow;
        int is_full = room == 0;
        stream.next_in = (Bytef *)(input + *consumed);
        stream.avail_in = fed;
        // A full buffer still needs the trailer read: one spare byte tells "exactly full" from "more to come".
        stream.next_out = is_full ? &overflow : output + *produced;
        stream.avail_out = is_full ? 1 : room;
        int result = inflate(&stream, Z_NO_FLUSH);
        size_t took = fed - stream.avail_in;
        size_t gave = (is_full ? 1 : room) - stream.avail_out;
        *consumed += took;
        if (is_full && gave > 0) {
            status = ENGRAM_OUTPUT_FULL;
            break;
        }
        *produced += gave;
        if (result == Z_STREAM_END) {
            size_t left = count - *consumed;
            if (left == 0) break;
            if (left < 2 || input[*consumed] != 0x1f || input[*consumed + 1] != 0x8b) {
                status = ENGRAM_TRAILING;
                break;
            }
            inflateReset(&stream);  // RFC 1952: members follow one another
            continue;
        }
        if (result == Z_MEM_ERROR) {
            status = ENGRAM_OUT_OF_MEMORY;
            break;
        }
        if (result != Z_OK && result != Z_BUF_ERROR) {
            status = ENGRAM_MALFORMED;
            snprintf(message, ENGRAM_MESSAGE_SIZE, "%s", stream.msg ? stream.msg : "not a deflate stream");
            break;
        }
        if (took == 0 && gave == 0) {
            status = ENGRAM_TRUNCATED;
            break;
        }
    }
    inflateEnd(&stream);
    return status;
}

// compressBound covers the zlib wrapper; the gzip one is 12 bytes longer.
size_t engram_gzip_bound(size_t count) { return compressBound(count) + 32; }

engram_status engram_gzip(const uint8_t *input, size_t count, uint8_t *output, size_t capacity, size_t *produced) {
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    *produced = 0;
    // Level 6: level 9 takes twelve times as long on MNIST (27 s for 2.3 s) for 2 % fewer bytes.
    if (deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return ENGRAM_OUT_OF_MEMORY;
    size_t consumed = 0;
    int result = Z_OK;
    while (result == Z_OK) {
        uInt fed = next_piece(count - consumed), room = next_piece(capacity - *produced);
        stream.next_in = (Bytef *)(input + consumed);
        stream.avail_in = fed;
        stream.next_out = output + *produced;
        stream.avail_out = room;
        result = deflate(&stream, consumed + fed == count ? Z_FINISH : Z_NO_FLUSH);
        consumed += fed - stream.avail_in;
        *produced += room - stream.avail_out;
    }
    deflateEnd(&stream);
    return result == Z_STREAM_END ? ENGRAM_OK : ENGRAM_OUTPUT_FULL;
}
