#!/usr/bin/env python3
"""Makes png.tsv, audio.tsv and pcm.tsv: what decoders other than ours read from the conformance files.

usage: make_fixtures.py DATA OUT [ORACLE]
DATA holds png-conformance/ and audio-conformance/, each with files.tsv; ORACLE is a media.json with pcm cases.
PNG: pypng (pure Python). Audio: scipy.io.wavfile for WAV, ffmpeg (through PyAV) for everything else.
Written with pypng 0.20220715.0, scipy 1.17.1, PyAV 18.1 (pip install numpy scipy pypng av).
"""
import csv, io, json, pathlib, sys, zlib
import av, numpy, png, scipy.io.wavfile, warnings

warnings.simplefilter("ignore")
data, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def without_significant_bits(raw):
    kept, at = raw[:8], 8
    while at < len(raw):
        size = int.from_bytes(raw[at : at + 4], "big") + 12
        if raw[at + 4 : at + 8] != b"sBIT":
            kept += raw[at : at + size]
        at += size
    return io.BytesIO(kept)


def png_codes(path):
    """Width, height, channels, depth and codes as 16-bit integers: palette to RGB(A), tRNS to alpha."""
    # pypng would shift codes right to the significant bits of sBIT; the stored codes are what counts here.
    reader = png.Reader(file=without_significant_bits(path.read_bytes()))
    width, height, lines, info = reader.asDirect()
    pixels = numpy.vstack([numpy.asarray(line, dtype=numpy.uint16) for line in lines])
    channels, depth = info["planes"], info["bitdepth"]
    if channels > 1 and depth < 8:  # gray with tRNS: gray-alpha exists at 8 bits and above
        pixels, depth = pixels * (255 // (2**depth - 1)), 8
    return width, height, channels, depth, pixels


def audio_values(path):
    """Rate and float32 frames at full scale 1."""
    if path.suffix == ".wav":
        try:
            rate, raw = scipy.io.wavfile.read(path)
            return rate, scaled(raw.reshape(len(raw), -1)), "scipy"
        except ValueError:
            pass  # not PCM or float: ffmpeg
    pieces = []
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        for frame in container.decode(stream):
            piece = frame.to_ndarray()
            channels = len(frame.layout.channels)
            pieces.append(piece.T if frame.format.is_planar else piece.reshape(-1, channels))
        rate = stream.codec_context.sample_rate
    return rate, scaled(numpy.vstack(pieces)), "ffmpeg"


def scaled(raw):
    kind = raw.dtype.kind, raw.dtype.itemsize
    if kind == ("u", 1):
        return ((raw.astype(numpy.float64) - 128) / 128).astype(numpy.float32)
    if kind[0] == "i":
        return (raw.astype(numpy.float64) / 2.0 ** (8 * kind[1] - 1)).astype(numpy.float32)
    return raw.astype(numpy.float32)


def crc(array, dtype):
    return f"{zlib.crc32(numpy.ascontiguousarray(array, dtype=dtype).tobytes()):08x}"


with open(out / "png.tsv", "w") as table:
    print("file\twidth\theight\tchannels\tdepth\tcrc32_of_big_endian_16_bit_codes", file=table)
    for row in rows(data / "png-conformance/files.tsv"):
        if row["status"] != "valid":
            continue
        width, height, channels, depth, pixels = png_codes(data / "png-conformance" / row["file"])
        print(row["file"], width, height, channels, depth, crc(pixels, ">u2"), sep="\t", file=table)

with open(out / "audio.tsv", "w") as table:
    print("file\trate\tchannels\tframes\tdecoder\trms\tcrc32_of_little_endian_float32", file=table)
    for row in rows(data / "audio-conformance/files.tsv"):
        if row["status"] != "valid":
            continue
        try:
            rate, frames, decoder = audio_values(data / "audio-conformance" / row["file"])
        except Exception as error:
            print("no independent values:", row["file"], error, file=sys.stderr)
            continue
        rms = numpy.sqrt(numpy.mean(frames.astype(numpy.float64) ** 2)) if len(frames) else 0
        print(row["file"], rate, frames.shape[1], len(frames), decoder, f"{rms:.6g}", crc(frames, "<f4"), sep="\t", file=table)

if len(sys.argv) > 3:
    cases = json.load(open(sys.argv[3]))["cases"]
    with open(out / "pcm.tsv", "w") as table:
        print("kind\tbits\tvalues\tcodes", file=table)
        for case in cases:
            if case["kind"] not in ("pcm", "png"):
                continue
            # float32 is what a sample set holds; the codes follow from the rounded value by the stated rule.
            values = numpy.float32(case["floats"] + case.get("ties", []))
            bits, signed = case["bits"], case["kind"] == "pcm"
            scale = 2.0 ** (bits - 1) if signed else 2.0**bits - 1
            low, high = (-scale, scale - 1) if signed else (0, scale)
            codes = numpy.clip(numpy.rint(values.astype(numpy.float64) * scale), low, high).astype(numpy.int64)
            wanted = case["codes_from_floats"] + case.get("codes_from_ties_half_to_even", [])
            same = [i for i, (a, b) in enumerate(zip(codes, wanted)) if a == b]
            print(case["name"], len(same), "of", len(wanted), "codes survive float32", file=sys.stderr)
            # Only inputs whose code does not hang on the rounding to float32 are a fair oracle.
            print(
                case["kind"], bits, ",".join(str(float(values[i])) for i in same), ",".join(str(wanted[i]) for i in same),
                sep="\t", file=table)
