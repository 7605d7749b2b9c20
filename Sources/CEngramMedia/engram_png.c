#include "CEngramMedia.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

// libpng reports errors by longjmp; setjmp and every libpng call stay in this file.

typedef struct png_session {
    const uint8_t *input;
    size_t count;
    size_t offset;
    uint8_t *output;
    size_t capacity;
    size_t produced;
    engram_status status;
    char error[ENGRAM_MESSAGE_SIZE];
    char warning[ENGRAM_MESSAGE_SIZE];
} png_session;

static void on_error(png_structp png, png_const_charp text) {
    png_session *session = png_get_error_ptr(png);
    snprintf(session->error, sizeof session->error, "%s", text);
    if (session->status == ENGRAM_OK) session->status = ENGRAM_MALFORMED;
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
    png_session *session = png_get_error_ptr(png);
    snprintf(session->warning, sizeof session->warning, "%s", text);
}

static void read_bytes(png_structp png, png_bytep destination, size_t count) {
    png_session *session = png_get_io_ptr(png);
    if (count > session->count - session->offset) {
        session->status = ENGRAM_TRUNCATED;
        png_error(png, "the file ends inside a chunk");
    }
    memcpy(destination, session->input + session->offset, count);
    session->offset += count;
}

static void write_bytes(png_structp png, png_bytep source, size_t count) {
    png_session *session = png_get_io_ptr(png);
    if (count > session->capacity - session->produced) {
        session->status = ENGRAM_OUTPUT_FULL;
        png_error(png, "the output buffer is full");
    }
    memcpy(session->output + session->produced, source, count);
    session->produced += count;
}

static void flush_nothing(png_structp png) { (void)png; }

// For a size over a limit libpng's error is only "Invalid IHDR data"; the cause is the last warning.
static void report(const png_session *session, char message[ENGRAM_MESSAGE_SIZE]) {
    if (session->warning[0])
        snprintf(message, ENGRAM_MESSAGE_SIZE, "%.120s (%.120s)", session->error, session->warning);
    else
        snprintf(message, ENGRAM_MESSAGE_SIZE, "%s", session->error);
}

static size_t row_size(engram_png_layout layout) {
    return (size_t)layout.width * layout.channels * (layout.bit_depth == 16 ? 2 : 1);
}

static int color_type(uint8_t channels) {
    switch (channels) {
    case 1: return PNG_COLOR_TYPE_GRAY;
    case 2: return PNG_COLOR_TYPE_GRAY_ALPHA;
    case 3: return PNG_COLOR_TYPE_RGB;
    default: return PNG_COLOR_TYPE_RGB_ALPHA;
    }
}

static void decode(png_structp png, png_infop info, png_session *session, engram_png_layout layout, unsigned options) {
    png_set_read_fn(png, session, read_bytes);
    png_set_user_limits(png, layout.width, layout.height);
    png_set_chunk_malloc_max(png, (png_alloc_size_t)8 << 20);
    png_set_chunk_cache_max(png, 16);
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_set_benign_errors(png, (options & ENGRAM_PNG_TAKES_MORE_DATA) != 0);  // otherwise "extra compressed data" and the like refuse the file
    // Only tRNS changes what we read. Not parsing the rest keeps a bad colour profile from refusing good pixels.
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    static const png_byte transparency[5] = "tRNS";
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_AS_DEFAULT, transparency, 1);
    png_read_info(png, info);
    int type = png_get_color_type(png, info);
    int has_transparency = png_get_valid(png, info, PNG_INFO_tRNS) != 0;
    if (options & ENGRAM_PNG_INDEXES) {
        png_set_packing(png);
    } else {
        if (type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
        if (has_transparency) png_set_tRNS_to_alpha(png);
        if (type == PNG_COLOR_TYPE_GRAY && !has_transparency) png_set_packing(png);
    }
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    if (png_get_image_width(png, info) != layout.width || png_get_image_height(png, info) != layout.height
        || png_get_channels(png, info) != layout.channels || png_get_rowbytes(png, info) != row_size(layout))
        png_error(png, "the header and the image data disagree");
    for (int pass = 0; pass < passes; pass++)
        for (uint32_t y = 0; y < layout.height; y++)
            png_read_row(png, session->output + (size_t)y * row_size(layout), NULL);
    png_read_end(png, NULL);
    if (session->offset != session->count) {
        session->status = ENGRAM_TRAILING;
        png_error(png, "bytes follow the IEND chunk");
    }
}

engram_status engram_png_decode(
    const uint8_t *input, size_t count, engram_png_layout layout, unsigned options, uint8_t *output, size_t capacity,
    char message[ENGRAM_MESSAGE_SIZE]) {
    png_session session;
    memset(&session, 0, sizeof session);
    session.input = input;
    session.count = count;
    session.output = output;
    session.capacity = capacity;
    message[0] = 0;
    if (layout.height == 0 || row_size(layout) == 0 || capacity / row_size(layout) < layout.height)
        return ENGRAM_OUTPUT_FULL;
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &session, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info) {
        png_destroy_read_struct(&png, NULL, NULL);
        return ENGRAM_OUT_OF_MEMORY;
    }
    if (setjmp(png_jmpbuf(png)) == 0)
        decode(png, info, &session, layout, options);
    else
        report(&session, message);
    png_destroy_read_struct(&png, &info, NULL);
    return session.status;
}

static void encode(png_structp png, png_infop info, png_session *session, engram_png_layout layout, const uint8_t *codes) {
    png_set_write_fn(png, session, write_bytes, flush_nothing);
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    png_set_IHDR(
        png, info, layout.width, layout.height, layout.bit_depth, color_type(layout.channels), PNG_INTERLACE_NONE,
        PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
    png_write_info(png, info);
    if (layout.bit_depth < 8) png_set_packing(png);
    for (uint32_t y = 0; y < layout.height; y++) png_write_row(png, codes + (size_t)y * row_size(layout));
    png_write_end(png, NULL);
}

engram_status engram_png_encode(
    const uint8_t *codes, engram_png_layout layout, uint8_t *output, size_t capacity, size_t *produced,
    char message[ENGRAM_MESSAGE_SIZE]) {
    png_session session;
    memset(&session, 0, sizeof session);
    session.output = output;
    session.capacity = capacity;
    *produced = 0;
    message[0] = 0;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &session, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info) {
        png_destroy_write_struct(&png, NULL);
        return ENGRAM_OUT_OF_MEMORY;
    }
    // Noisy pictures gain a per cent or two from zlib's default of 6, which takes twice as long.
    png_set_compression_level(png, 4);
    if (setjmp(png_jmpbuf(png)) == 0)
        encode(png, info, &session, layout, codes);
    else
        report(&session, message);
    png_destroy_write_struct(&png, &info);
    *produced = session.produced;
    return session.status;
}
