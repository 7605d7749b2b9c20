#include "CEngramMedia.h"

#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// libsndfile through virtual input and output: a buffer and a position, never a path.

struct engram_audio {
    SNDFILE *file;
    const uint8_t *input;
    uint8_t *output;
    sf_count_t size;      // bytes readable
    sf_count_t capacity;  // bytes writable
    sf_count_t position;
    int is_full;
};

static sf_count_t get_length(void *user) { return ((engram_audio *)user)->size; }

static sf_count_t seek(sf_count_t offset, int whence, void *user) {
    engram_audio *audio = user;
    sf_count_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? audio->position : audio->size;
    sf_count_t target;
    // A header's lie can ask for any offset.
    if (__builtin_add_overflow(base, offset, &target) || target < 0) return -1;
    audio->position = target;
    return target;
}

static sf_count_t read_input(void *destination, sf_count_t count, void *user) {
    engram_audio *audio = user;
    const uint8_t *source = audio->input ? audio->input : audio->output;
    if (count <= 0 || audio->position >= audio->size) return 0;
    sf_count_t left = audio->size - audio->position;
    sf_count_t taken = count < left ? count : left;
    memcpy(destination, source + audio->position, (size_t)taken);
    audio->position += taken;
    return taken;
}

static sf_count_t write_output(const void *source, sf_count_t count, void *user) {
    engram_audio *audio = user;
    if (!audio->output || count <= 0) return 0;
    if (audio->position > audio->capacity || count > audio->capacity - audio->position) {
        audio->is_full = 1;
        return 0;
    }
    // A seek past the end leaves a hole; fill it so that the bytes are defined.
    if (audio->position > audio->size)
        memset(audio->output + audio->size, 0, (size_t)(audio->position - audio->size));
    memcpy(audio->output + audio->position, source, (size_t)count);
    audio->position += count;
    if (audio->position > audio->size) audio->size = audio->position;
    return count;
}

static sf_count_t tell(void *user) { return ((engram_audio *)user)->position; }

static SF_VIRTUAL_IO callbacks = {get_length, seek, read_input, write_output, tell};

engram_audio *engram_audio_open(
    const uint8_t *bytes, size_t count, engram_audio_info *info, char message[ENGRAM_MESSAGE_SIZE]) {
    SF_INFO found;
    memset(&found, 0, sizeof found);
    memset(info, 0, sizeof *info);
    message[0] = 0;
    engram_audio *audio = calloc(1, sizeof *audio);
    if (!audio) {
        snprintf(message, ENGRAM_MESSAGE_SIZE, "out of memory");
        return NULL;
    }
    audio->input = bytes;
    audio->size = (sf_count_t)count;
    audio->file = sf_open_virtual(&callbacks, SFM_READ, &found, audio);
    if (!audio->file) {
        snprintf(message, ENGRAM_MESSAGE_SIZE, "%s", sf_strerror(NULL));
        free(audio);
        return NULL;
    }
    info->frames = found.frames;
    info->sample_rate = found.samplerate;
    info->channels = found.channels;
    info->format = found.format;
    return audio;
}

static int64_t checked(engram_audio *audio, sf_count_t frames, char message[ENGRAM_MESSAGE_SIZE]) {
    message[0] = 0;
    if (frames >= 0 && sf_error(audio->file) == SF_ERR_NO_ERROR) return frames;
    snprintf(message, ENGRAM_MESSAGE_SIZE, "%s", sf_strerror(audio->file));
    return -1;
}

int64_t engram_audio_read_int(engram_audio *audio, int32_t *output, int64_t frames, char message[ENGRAM_MESSAGE_SIZE]) {
    return checked(audio, sf_readf_int(audio->file, output, frames), message);
}

int64_t engram_audio_read_double(engram_audio *audio, double *output, int64_t frames, char message[ENGRAM_MESSAGE_SIZE]) {
    return checked(audio, sf_readf_double(audio->file, output, frames), message);
}

void engram_audio_close(engram_audio *audio) {
    if (!audio) return;
    sf_close(audio->file);
    free(audio);
}

engram_status engram_audio_write(
    engram_audio_info info, const int32_t *codes, const double *doubles, uint8_t *output, size_t capacity,
    size_t *produced, char message[ENGRAM_MESSAGE_SIZE]) {
    engram_audio audio;
    memset(&audio, 0, sizeof audio);
    audio.output = output;
    audio.capacity = (sf_count_t)capacity;
    SF_INFO wanted;
    memset(&wanted, 0, sizeof wanted);
    wanted.samplerate = info.sample_rate;
    wanted.channels = info.channels;
    wanted.format = info.format;
    *produced = 0;
    message[0] = 0;
    audio.file = sf_open_virtual(&callbacks, SFM_WRITE, &wanted, &audio);
    if (!audio.file) {
        snprintf(message, ENGRAM_MESSAGE_SIZE, "%s", sf_strerror(NULL));
        return ENGRAM_MALFORMED;
    }
    // The PEAK chunk holds the time of writing; without it the same samples give the same bytes.
    sf_command(audio.file, SFC_SET_ADD_PEAK_CHUNK, NULL, SF_FALSE);
    sf_count_t written = doubles ? sf_writef_double(audio.file, doubles, info.frames)
                                 : sf_writef_int(audio.file, codes, info.frames);
    if (written != info.frames) snprintf(message, ENGRAM_MESSAGE_SIZE, "%s", sf_strerror(audio.file));
    int closed = sf_close(audio.file);
    *produced = (size_t)audio.size;
    if (audio.is_full) return ENGRAM_OUTPUT_FULL;
    return written == info.frames && closed == 0 ? ENGRAM_OK : ENGRAM_MALFORMED;
}
