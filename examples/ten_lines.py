"""symgen from Python: train on a folder of music (the first argument) and make new music."""

import sys

import symgen


def main(folder="corpora/einaudi", config="perf_dynamics", minutes=None, seconds=30):
    for piece in symgen.pieces(folder):
        print(piece.id, len(piece.sequence.notes), "notes")
    data = symgen.convert(folder, encoding="performance")
    run = symgen.train(config, data=data, minutes=minutes)
    model = symgen.load(run.best)
    [song] = model.sample(seconds=seconds, key="C", density=3, seed=1)
    symgen.write(song, "song.mid", force=True)
    print(symgen.render("song.mid", "song.wav", force=True))


if __name__ == "__main__":
    main(*sys.argv[1:2])
