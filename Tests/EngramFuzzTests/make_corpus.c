// Makes the audio files of Corpus/: `cc make_corpus.c -lsndfile -lm && ./a.out Corpus`. As short as each codec allows, so that a million
// executions take minutes. Made with libsndfile 1.2.0.
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <string.h>

static int make(const char *folder, const char *name, int format, int rate, int channels, int frames) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    SF_INFO info = {.samplerate = rate, .channels = channels, .format = format};
    SNDFILE *file = sf_open(path, SFM_WRITE, &info);
    if (!file) {
        fprintf(stderr, "%s: %s\n", name, sf_strerror(NULL));
        return 1;
    }
    for (int frame = 0; frame < frames; frame++) {
        float values[8];
        for (int channel = 0; channel < channels; channel++) { values[channel] = 0.7f * sinf(0.2f * (float)(frame * (channel + 1))); }
        sf_writef_float(file, values, 1);
    }
    return sf_close(file);
}

int main(int count, char **arguments) {
    const char *folder = count > 1 ? arguments[1] : "Corpus";
    int failures = 0;
    failures += make(folder, "pcm16.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8000, 2, 48);
    failures += make(folder, "float.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 8000, 1, 48);
    failures += make(folder, "ima.wav", SF_FORMAT_WAV | SF_FORMAT_IMA_ADPCM, 8000, 1, 600);
    failures += make(folder, "ms.wav", SF_FORMAT_WAV | SF_FORMAT_MS_ADPCM, 8000, 1, 600);
    failures += make(folder, "ulaw.wav", SF_FORMAT_WAV | SF_FORMAT_ULAW, 8000, 1, 64);
    failures += make(folder, "pcm24.wavex.wav", SF_FORMAT_WAVEX | SF_FORMAT_PCM_24, 8000, 6, 16);
    failures += make(folder, "rf64.wav", SF_FORMAT_RF64 | SF_FORMAT_PCM_16, 8000, 1, 48);
    failures += make(folder, "pcm16.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_16, 8000, 1, 48);
    failures += make(folder, "float.aiff", SF_FORMAT_AIFF | SF_FORMAT_FLOAT, 8000, 1, 48);
    failures += make(folder, "pcm16.au", SF_FORMAT_AU | SF_FORMAT_PCM_16, 8000, 1, 48);
    failures += make(folder, "ulaw.au", SF_FORMAT_AU | SF_FORMAT_ULAW, 8000, 1, 48);
    failures += make(folder, "pcm16.caf", SF_FORMAT_CAF | SF_FORMAT_PCM_16, 8000, 1, 48);
    failures += make(folder, "pcm16.w64", SF_FORMAT_W64 | SF_FORMAT_PCM_16, 8000, 1, 48);
    failures += make(folder, "pcm16.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 8000, 2, 300);
    failures += make(folder, "pcm24.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_24, 8000, 1, 300);
    failures += make(folder, "vorbis.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 8000, 1, 300);
    failures += make(folder, "opus.opus", SF_FORMAT_OGG | SF_FORMAT_OPUS, 8000, 1, 300);
    failures += make(folder, "layer3.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 8000, 1, 600);
    return failures > 0;
}
