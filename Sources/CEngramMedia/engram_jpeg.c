#include "CEngramMedia.h"

// <jpeglib.h> needs FILE and size_t.
#include <stdio.h>

#include <jerror.h>
#include <jpeglib.h>
#include <setjmp.h>
#include <string.h>

// libjpeg reports errors by a function that must not return; setjmp and every libjpeg call stay in this file.

// Scans of a progressive file; encoders write about ten. Each one is a pass over the whole picture.
#define MOST_SCANS 500

typedef struct jpeg_session {
    struct jpeg_error_mgr errors;  // first, so that cinfo->err points to the session
    struct jpeg_progress_mgr progress;
    jmp_buf jump;
    engram_status status;
    char message[ENGRAM_MESSAGE_SIZE];
} jpeg_session;

static void fail(jpeg_session *session, engram_status status, const char *text) {
    session->status = status;
    if (text) snprintf(session->message, sizeof session->message, "%s", text);
    longjmp(session->jump, 1);
}

static void on_error(j_common_ptr cinfo) {
    jpeg_session *session = (jpeg_session *)cinfo->err;
    char text[JMSG_LENGTH_MAX];
    cinfo->err->format_message(cinfo, text);
    fail(session, cinfo->err->msg_code == JERR_OUT_OF_MEMORY ? ENGRAM_OUT_OF_MEMORY : ENGRAM_MALFORMED, text);
}

// libjpeg goes on after damage with made-up pixels and a warning; what is made up must not be learned.
static void on_message(j_common_ptr cinfo, int level) {
    if (level >= 0) return;
    switch (cinfo->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA:  // bytes between two segments
    case JWRN_JFIF_MAJOR:       // a later version of JFIF
    case JWRN_ADOBE_XFORM:      // an unknown colour transform, taken as YCbCr
        return;
    case JWRN_JPEG_EOF: fail((jpeg_session *)cinfo->err, ENGRAM_TRUNCATED, "the file ends before its last pixel"); break;
    default: on_error(cinfo);
    }
}

static void on_progress(j_common_ptr cinfo) {
    if (((j_decompress_ptr)cinfo)->input_scan_number > MOST_SCANS)
        fail((jpeg_session *)cinfo->err, ENGRAM_MALFORMED, "more scans than any encoder writes");
}

static void decode(j_decompress_ptr cinfo, jpeg_session *session, engram_jpeg_layout layout, uint8_t *output) {
    jpeg_read_header(cinfo, TRUE);
    cinfo->out_color_space = layout.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    cinfo->dct_method = JDCT_ISLOW;  // the same pixels with every instruction set
    jpeg_start_decompress(cinfo);
    if (cinfo->output_width != layout.width || cinfo->output_height != layout.height || cinfo->output_components != layout.channels)
        fail(session, ENGRAM_MALFORMED, "the header and the image data disagree");
    size_t row_size = (size_t)layout.width * layout.channels;
    while (cinfo->output_scanline < cinfo->output_height) {
        JSAMPROW row = output + (size_t)cinfo->output_scanline * row_size;
        jpeg_read_scanlines(cinfo, &row, 1);
    }
    jpeg_finish_decompress(cinfo);
}

engram_status engram_jpeg_decode(
    const uint8_t *input, size_t count, engram_jpeg_layout layout, uint8_t *output, size_t capacity,
    char message[ENGRAM_MESSAGE_SIZE]) {
    jpeg_session session;
    struct jpeg_decompress_struct cinfo;
    memset(&session, 0, sizeof session);
    memset(&cinfo, 0, sizeof cinfo);
    message[0] = 0;
    if (layout.width == 0 || layout.height == 0 || (layout.channels != 1 && layout.channels != 3)
        || capacity / ((size_t)layout.width * layout.channels) < layout.height)
        return ENGRAM_OUTPUT_FULL;
    cinfo.err = jpeg_std_error(&session.errors);
    session.errors.error_exit = on_error;
    session.errors.emit_message = on_message;
    session.progress.progress_monitor = on_progress;
    if (setjmp(session.jump) == 0) {
        jpeg_create_decompress(&cinfo);
        cinfo.progress = &session.progress;
        jpeg_mem_src(&cinfo, input, (unsigned long)count);
        decode(&cinfo, &session, layout, output);
    } else {
        snprintf(message, ENGRAM_MESSAGE_SIZE, "%s", session.message);
    }
    jpeg_destroy_decompress(&cinfo);  // safe on a zeroed struct
    return session.status;
}
