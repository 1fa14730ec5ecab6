"""Reads a HdrHistogram log (V2) as its format is described, apart from tenk's own code: hdr.py LOG.

Prints {"count", "p50", "p90", "p99", "p99.9", "max"} in nanoseconds, as HdrHistogram counts them:
the highest value that is equivalent to the one at the percentile.
"""
import base64
import itertools
import json
import math
import struct
import sys
import zlib


def read_counts(data):
    """ZigZag LEB128, at most nine bytes a number; a negative one is a run of empty slots."""
    counts, at = [], 0
    while at < len(data):
        value, shift = 0, 0
        for i in range(9):
            byte = data[at]
            at += 1
            value |= (byte if i == 8 else byte & 0x7F) << shift
            shift += 7
            if i < 8 and byte < 0x80:
                break
        number = (value >> 1) ^ -(value & 1)
        counts += [0] * -number if number < 0 else [number]
    return counts


def decode(text):
    outer = base64.b64decode(text, validate=True)
    cookie, size = struct.unpack(">ii", outer[:8])
    assert cookie & ~0xF0 == 0x1C849304 and size == len(outer) - 8, "compressed cookie and length"
    inner = zlib.decompress(outer[8:])
    cookie, size, offset, digits, lowest, highest, ratio = struct.unpack(">iiiiqqd", inner[:40])
    assert cookie & ~0xF0 == 0x1C849303 and size == len(inner) - 40, "cookie and length"
    assert offset == 0 and lowest == 1 and ratio == 1.0 and highest > 1
    half_bits = math.ceil(math.log2(2 * 10**digits)) - 1
    return read_counts(inner[40:]), half_bits


def highest_of(slot, half_bits):
    half = 1 << half_bits
    bucket, sub = (slot >> half_bits) - 1, (slot & (half - 1)) + half
    if bucket < 0:
        bucket, sub = 0, sub - half
    return (sub << bucket) + (1 << bucket) - 1


def main(path):
    lines = [line for line in open(path).read().splitlines() if not line.startswith(("#", '"'))]
    counts, half_bits, end = [], 0, 0.0
    for line in lines:
        start, length, longest_ms, text = line.split(",")
        assert abs(float(start) - end) < 0.002, (start, end)
        end = float(start) + float(length)
        more, half_bits = decode(text)
        counts = [a + b for a, b in itertools.zip_longest(counts, more, fillvalue=0)]
    total, found = sum(counts), {"count": sum(counts), "lines": len(lines)}
    for percentile in (50, 90, 99, 99.9):
        rank, seen = max(1, math.ceil(percentile * total / 100 - 1e-9)), 0
        for slot, count in enumerate(counts):
            seen += count
            if seen >= rank:
                found[f"p{percentile:g}"] = highest_of(slot, half_bits)
                break
    found["max"] = highest_of(max(i for i, c in enumerate(counts) if c), half_bits)
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
