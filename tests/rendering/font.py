"""Soundfonts small enough to know by heart, written byte by byte."""

import struct

import numpy as np

from symgen.rendering.soundfont import sf2

RATE = 44100
TONE = 440.0


def chunk(name, data):
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1)


def folder(name, *chunks):
    return chunk(b"LIST", name + b"".join(chunks))


class Font:
    """Writes a soundfont: samples, instruments and presets as lists of zones {operator: amount}."""

    def __init__(self):
        self.wave, self.samples, self.instruments, self.presets = np.zeros(0, "<i2"), [], [], []

    def sample(self, data, loop=(0, 0), rate=RATE, key=69, cents=0, kind=1):
        start = len(self.wave)
        self.wave = np.concatenate(
            [self.wave, np.round(np.asarray(data) * 32767).astype("<i2"), np.zeros(46, "<i2")]
        )
        self.samples.append(
            (
                b"sample",
                start,
                start + len(data),
                start + loop[0],
                start + loop[1],
                rate,
                key,
                cents,
                0,
                kind,
            )
        )
        return len(self.samples) - 1

    def instrument(self, *zones):
        self.instruments.append(zones)
        return len(self.instruments) - 1

    def preset(self, bank, program, *zones):
        self.presets.append((bank, program, zones))

    def bytes(self, low=None):
        names = ("phdr", "pbag", "pmod", "pgen", "inst", "ibag", "imod", "igen", "shdr")
        outer = self._zones([zones for _, _, zones in self.presets])
        inner = self._zones(self.instruments)
        rows = {
            "phdr": [
                (b"p", p, b, bag, (0, 0, 0))
                for (b, p, _), bag in zip(self.presets, outer[0], strict=False)
            ]
            + [(b"EOP", 0, 0, outer[0][-1], (0, 0, 0))],
            "pbag": outer[1],
            "pmod": outer[2],
            "pgen": outer[3],
            "inst": [(b"i", bag) for bag in inner[0]],
            "ibag": inner[1],
            "imod": inner[2],
            "igen": inner[3],
            "shdr": [*self.samples, (b"EOS", 0, 0, 0, 0, 0, 0, 0, 0, 0)],
        }
        tables = [
            chunk(n.encode(), np.array(rows[n], sf2.TABLES[n.encode()]).tobytes()) for n in names
        ]
        sound = [chunk(b"smpl", self.wave.tobytes())] + (
            [chunk(b"sm24", low.tobytes())] if low is not None else []
        )
        body = (
            b"sfbk"
            + folder(b"INFO", chunk(b"ifil", b"\2\0\1\0"))
            + folder(b"sdta", *sound)
            + folder(b"pdta", *tables)
        )
        return chunk(b"RIFF", body)

    def _zones(self, groups):
        """Return the first bag of each group, the bags, the modulators and the generators.

        "modulators" in a zone lists its modulators.
        """
        firsts, bags, modulators, generators = [], [], [], []
        for group in groups:
            firsts.append(len(bags))
            for zone in group:
                bags.append((len(generators), len(modulators)))
                modulators += [(*m, 0, 0) for m in zone.get("modulators", [])]
                plain = {k: v for k, v in zone.items() if k != "modulators"}
                generators += sorted(
                    plain.items(), key=lambda item: (item[0] in (41, 53), item[0] not in (43, 44))
                )
        bags.append((len(generators), len(modulators)))
        return [*firsts, len(bags) - 1], bags, [*modulators, (0, 0, 0, 0, 0)], [*generators, (0, 0)]


def sine(seconds, hertz=TONE, rate=RATE):
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def span(low, high):
    """The amount that spells a range of keys or velocities."""
    return low | high << 8
