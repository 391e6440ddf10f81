"""Read a dataset with plain TensorFlow, without symgen.

python examples/read_with_tensorflow.py data/einaudi-performance
"""

import json
import pathlib
import sys

import tensorflow as tf


def pieces(folder, split="train"):
    """Return a tf.data.Dataset of (id, seconds, int64 events [steps, fields]) of one split."""
    info = json.loads((pathlib.Path(folder) / "dataset.json").read_text())
    shards = [
        str(pathlib.Path(folder) / shard["name"])
        for shard in info["shards"]
        if shard["half"] == split
    ]
    context = {
        "id": tf.io.FixedLenFeature([], tf.string),
        "seconds": tf.io.FixedLenFeature([], tf.float32),
    }
    lists = {"event": tf.io.FixedLenSequenceFeature([len(info["fields"])], tf.int64)}

    def parse(record):
        facts, events = tf.io.parse_single_sequence_example(record, context, lists)
        return facts["id"], facts["seconds"], events["event"]

    return tf.data.TFRecordDataset(shards, compression_type=info["compression"]).map(parse)


def crops(folder, batch=8, length=256):
    """Return batches of random crops, int64 [batch, length, fields], without shorter pieces."""
    events = (
        pieces(folder).map(lambda name, seconds, events: events).filter(lambda e: len(e) >= length)
    )
    cut = events.shuffle(256).map(lambda e: tf.image.random_crop(e, [length, e.shape[1]]))
    return cut.repeat().batch(batch)


if __name__ == "__main__":
    for name, seconds, events in pieces(sys.argv[1]).take(5):
        print(f"{name.numpy().decode()}: {seconds:.1f} s, events {events.shape}")
    print("a batch of crops:", next(iter(crops(sys.argv[1], length=64))).shape)
