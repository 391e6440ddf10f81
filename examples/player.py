"""Play a bundle with NumPy and onnxruntime alone: reproduce its test vector, then say what the model likes to play first.

python examples/player.py runs/perf_dynamics/best.symgen
"""

import io
import json
import sys
import zipfile

import numpy as np
import onnxruntime


def main(path):
    with zipfile.ZipFile(path) as archive:
        info = json.loads(archive.read("bundle.json"))
        test = np.load(io.BytesIO(archive.read("test.npz")))
        session = onnxruntime.InferenceSession(archive.read("step.onnx"))
    outputs = [o.name for o in session.get_outputs()]
    states = {i.name: np.zeros((1, i.shape[1]), np.float32) for i in session.get_inputs() if i.name.startswith("state.")}
    worst = 0.0
    for t, event in enumerate(test["event"]):                       # the event before; its size means "nothing before"
        out = dict(zip(outputs, session.run(None, {"event": event[None], **states}), strict=True))
        states = {name: out[name.replace("state", "next")] for name in states}
        for field in info["fields"]:
            name = f"logits.{field['name']}"
            worst = max(worst, float(np.abs(out[name][0] - test[name][t]).max()))
    print(f"{len(test['event'])} steps, the logits differ by at most {worst:.2g}")
    return 0 if worst < 1e-3 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
