"""Running a trained model: players, and scores of music through any of them.

`players` is the registry of players, by the name that a bundle gives its player.
"""

from symgen.registry import Registry

players = Registry(
    "player",
    {
        "framewise": "symgen.runtime.framewise:FramewisePlayer",
        "onnx": "symgen.runtime.onnx:OnnxPlayer",
        "table": "symgen.runtime.ngram:NgramPlayer",
        "wavenet": "symgen.runtime.wavenet.player:WaveNetPlayer",
    },
)

__all__ = ["players"]
