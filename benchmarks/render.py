"""Notes to sound: a minute of piano by the built-in player and by fluidsynth, if installed.

python benchmarks/render.py [--corpora FOLDER] [--seconds 60] [--repeats 5]

Gives CPU seconds to a WAV file of 44,100 frames per second, both with the soundfont of pretty_midi.
One piece is quiet, one dense. The dense one is also rendered for longer, to show the growth. The
whole command is measured too.
"""

import shutil
import tempfile
from pathlib import Path

import measure

import symgen
from symgen.notes import transform
from symgen.rendering import render

PIECES = {"quiet piano": "calm_piano/Beethoven__mond_1.mid", "dense piano": "piano_performances"}


def minute(path, seconds):
    """Return `seconds` from a piece, or from the largest file of a folder."""
    path = max(path.rglob("*.mid"), key=lambda p: p.stat().st_size) if path.is_dir() else path
    whole = symgen.read(path)
    begin = max(min(60.0, whole.total_time - seconds), 0.0)
    return transform.crop(whole, begin, begin + seconds)


def rows(args):
    """Yield all rows whose music is found."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "x.wav"
        for name, where in PIECES.items():
            if not measure.there(args.corpora / where):
                continue
            for times in (1,) if name == "quiet piano" or args.quick else (1, 4):
                piece = minute(args.corpora / where, args.seconds * times)
                more = f"{len(piece):,} notes in {piece.total_time:.0f} s"
                base = measure.cpu(
                    lambda piece=piece: render(piece, out, synth="soundfont", force=True),
                    args.repeats + 1,
                )
                yield f"render {piece.total_time:.0f} s of {name}", base, "s", f"CPU time, {more}"
                if shutil.which("fluidsynth") and not args.no_peer:
                    symgen.write(piece, Path(folder) / "x.mid", force=True)
                    wall, cpu, peak = measure.command(
                        [
                            *measure.SYMGEN,
                            "render",
                            f"{folder}/x.mid",
                            "--synth",
                            "fluidsynth",
                            "-f",
                            "-o",
                            str(out),
                        ],
                        args.repeats,
                    )
                    yield (
                        f"peer: fluidsynth, {piece.total_time:.0f} s of {name}",
                        cpu,
                        "s",
                        f"CPU time, {measure.ratio(cpu, base)} as long",
                    )
            symgen.write(
                minute(args.corpora / where, args.seconds), Path(folder) / "x.mid", force=True
            )
            wall, cpu, peak = measure.command(
                [
                    *measure.SYMGEN,
                    "render",
                    f"{folder}/x.mid",
                    "--synth",
                    "soundfont",
                    "-f",
                    "-o",
                    str(out),
                ],
                args.repeats,
            )
            yield (
                f"symgen render, {args.seconds} s of {name}",
                wall,
                "s",
                f"CPU {cpu:.2f} s, peak {peak:.0f} MB, start-up included",
            )


if __name__ == "__main__":
    args = measure.options(__doc__, seconds=60)
    measure.run(args, rows(args))
