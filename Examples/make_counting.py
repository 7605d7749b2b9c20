#!/usr/bin/env python3
"""Makes drops/counting-idx3-ubyte out of drops/digits-idx3-ubyte.

The digits file holds ten images of each digit in the order 0..9, 0..9, and so on. The counting file holds two cycles of
ten: the first image of each digit counting up from 0 to 9, and the second image of each digit counting down from 9 to 0.
"""
import pathlib
import struct

DROPS = pathlib.Path(__file__).resolve().parent / "drops"
UNSIGNED_BYTE, RANK = 8, 3

source = (DROPS / "digits-idx3-ubyte").read_bytes()
zero, element_type, rank, count, rows, columns = struct.unpack(">HBBIII", source[:16])
assert (zero, element_type, rank) == (0, UNSIGNED_BYTE, RANK), "not an IDX file of bytes and rank 3"
assert len(source) == 16 + count * rows * columns and count >= 20, "not the length its header promises"


def image(index):
    return source[16 + index * rows * columns : 16 + (index + 1) * rows * columns]


order = list(range(0, 10)) + list(range(19, 9, -1))
header = struct.pack(">HBBIII", 0, UNSIGNED_BYTE, RANK, len(order), rows, columns)
(DROPS / "counting-idx3-ubyte").write_bytes(header + b"".join(image(index) for index in order))
