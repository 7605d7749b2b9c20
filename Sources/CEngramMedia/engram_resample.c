#include "CEngramMedia.h"

#include <samplerate.h>
#include <stdio.h>
#include <string.h>

int64_t engram_resample(
    const float *input, int64_t frames, int32_t channels, double ratio, float *output, int64_t capacity,
    char message[ENGRAM_MESSAGE_SIZE]) {
    message[0] = 0;
    SRC_DATA data;
    memset(&data, 0, sizeof data);
    data.data_in = input;
    data.data_out = output;
    data.input_frames = (long)frames;
    data.output_frames = (long)capacity;
    data.src_ratio = ratio;
    data.end_of_input = 1;
    int failure = src_simple(&data, SRC_SINC_BEST_QUALITY, channels);
    if (failure != 0) {
        const char *reason = src_strerror(failure);
        snprintf(message, ENGRAM_MESSAGE_SIZE, "%s", reason ? reason : "unknown failure");
        return -1;
    }
    return data.output_frames_gen;
}
