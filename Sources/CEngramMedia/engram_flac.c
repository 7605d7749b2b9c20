#include "CEngramMedia.h"

#include <FLAC/stream_decoder.h>
#include <stdio.h>
#include <string.h>

// libsndfile hides what FLAC can prove (MD5, sample count, sync), so native FLAC is read with libFLAC itself.

typedef struct flac_session {
    const uint8_t *input;
    size_t count;
    size_t offset;
    engram_flac_info *info;
    uint32_t minimum_block;
    uint32_t maximum_block;
    uint32_t last_block;
    int32_t *output;
    uint64_t capacity;
    engram_status status;
    char *message;
} flac_session;

static void fail(flac_session *session, engram_status status, const char *text) {
    if (session->status != ENGRAM_OK) return;  // the first cause is the one to tell
    session->status = status;
    snprintf(session->message, ENGRAM_MESSAGE_SIZE, "%s", text);
}

static FLAC__StreamDecoderReadStatus read_input(
    const FLAC__StreamDecoder *decoder, FLAC__byte buffer[], size_t *bytes, void *user) {
    (void)decoder;
    flac_session *session = user;
    size_t left = session->count - session->offset;
    size_t taken = *bytes < left ? *bytes : left;
    memcpy(buffer, session->input + session->offset, taken);
    session->offset += taken;
    *bytes = taken;
    return taken == 0 ? FLAC__STREAM_DECODER_READ_STATUS_END_OF_STREAM : FLAC__STREAM_DECODER_READ_STATUS_CONTINUE;
}

static FLAC__StreamDecoderWriteStatus on_frame(
    const FLAC__StreamDecoder *decoder, const FLAC__Frame *frame, const FLAC__int32 *const buffer[], void *user) {
    (void)decoder;
    flac_session *session = user;
    engram_flac_info *info = session->info;
    const FLAC__FrameHeader *header = &frame->header;
    char text[ENGRAM_MESSAGE_SIZE] = "";
    if (header->channels != info->channels)
        snprintf(text, sizeof text, "STREAMINFO says %u channels, a frame has %u", info->channels, header->channels);
    else if (header->bits_per_sample != info->bits_per_sample)
        snprintf(text, sizeof text, "STREAMINFO says %u bits, a frame has %u", info->bits_per_sample, header->bits_per_sample);
    else if (header->sample_rate != info->sample_rate)
        snprintf(text, sizeof text, "STREAMINFO says %u Hz, a frame has %u Hz", info->sample_rate, header->sample_rate);
    else if (header->blocksize > session->maximum_block)
        snprintf(
            text, sizeof text, "STREAMINFO says at most %u samples a block, a frame has %u", session->maximum_block,
            header->blocksize);
    else if (session->last_block != 0 && session->last_block < session->minimum_block)
        // Only the last block may be shorter than the minimum, so the one before this was too short.
        snprintf(
            text, sizeof text, "STREAMINFO says at least %u samples a block, a frame has %u", session->minimum_block,
            session->last_block);
    if (text[0]) {
        fail(session, ENGRAM_MALFORMED, text);
        return FLAC__STREAM_DECODER_WRITE_STATUS_ABORT;
    }
    if (header->blocksize > session->capacity - info->frames) {
        fail(session, ENGRAM_OUTPUT_FULL, "more samples than STREAMINFO promises");
        return FLAC__STREAM_DECODER_WRITE_STATUS_ABORT;
    }
    if (session->output) {
        int32_t *destination = session->output + info->frames * info->channels;
        for (uint32_t i = 0; i < header->blocksize; i++)
            for (uint32_t c = 0; c < info->channels; c++) *destination++ = buffer[c][i];
    }
    info->frames += header->blocksize;
    session->last_block = header->blocksize;
    return FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE;
}

static void on_error(const FLAC__StreamDecoder *decoder, FLAC__StreamDecoderErrorStatus status, void *user) {
    (void)decoder;
    fail(user, ENGRAM_MALFORMED, FLAC__StreamDecoderErrorStatusString[status]);
}

engram_status engram_flac_decode(
    const uint8_t *input, size_t count, engram_flac_info *info, uint32_t minimum_block, uint32_t maximum_block,
    int32_t *output, uint64_t frame_capacity, char message[ENGRAM_MESSAGE_SIZE]) {
    message[0] = 0;
    info->frames = 0;
    flac_session session = {input,  count,          0,         info,    minimum_block, maximum_block, 0,
                            output, frame_capacity, ENGRAM_OK, message};
    FLAC__StreamDecoder *decoder = FLAC__stream_decoder_new();
    if (!decoder) return ENGRAM_OUT_OF_MEMORY;
    FLAC__stream_decoder_set_md5_checking(decoder, 1);
    FLAC__StreamDecoderInitStatus opened = FLAC__stream_decoder_init_stream(
        decoder, read_input, NULL, NULL, NULL, NULL, on_frame, NULL, on_error, &session);
    if (opened != FLAC__STREAM_DECODER_INIT_STATUS_OK) {
        FLAC__stream_decoder_delete(decoder);
        return opened == FLAC__STREAM_DECODER_INIT_STATUS_MEMORY_ALLOCATION_ERROR ? ENGRAM_OUT_OF_MEMORY : ENGRAM_MALFORMED;
    }
    while (session.status == ENGRAM_OK) {
        if (!FLAC__stream_decoder_process_single(decoder)) {
            FLAC__StreamDecoderState state = FLAC__stream_decoder_get_state(decoder);
            if (state == FLAC__STREAM_DECODER_MEMORY_ALLOCATION_ERROR)
                fail(&session, ENGRAM_OUT_OF_MEMORY, "out of memory");
            else
                fail(&session, ENGRAM_MALFORMED, FLAC__StreamDecoderStateString[state]);
        }
        if (FLAC__stream_decoder_get_state(decoder) == FLAC__STREAM_DECODER_END_OF_STREAM) break;
    }
    if (!FLAC__stream_decoder_finish(decoder) && info->has_md5)
        fail(&session, ENGRAM_MALFORMED, "the MD5 of the samples is not the one in STREAMINFO");
    FLAC__stream_decoder_delete(decoder);
    return session.status;
}
