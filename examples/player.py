"""Play a bundle with only NumPy and onnxruntime, and compare the logits with its test vector.

    python examples/player.py runs/perf_dynamics/best.symgen [int8]

With int8, it prints how far the int8-quantised graphs differ. A bundle made by `symgen bundle ship`
has only int8 graphs, and its test vector was made with them.
"""

import io
import json
import sys
import zipfile

import numpy as np
import onnxruntime


def main(path, precision=None):
    with zipfile.ZipFile(path) as archive:
        info = json.loads(archive.read("bundle.json"))
        tested = info["player"].get("test", {"precision": "float32", "tolerance": 1e-3})
        precision = precision or tested["precision"]
        suffix = ".onnx" if precision == "float32" else f".{precision}.onnx"
        test = np.load(io.BytesIO(archive.read("test.npz")))
        session = onnxruntime.InferenceSession(archive.read("step" + suffix))
        chained = info["player"]["chained"]
        head = onnxruntime.InferenceSession(archive.read("head" + suffix)) if chained else None
    outputs = [o.name for o in session.get_outputs()]
    states = {
        i.name: np.zeros((1, i.shape[1]), np.float32)
        for i in session.get_inputs()
        if i.name.startswith("state.")
    }
    worst = 0.0
    for t, event in enumerate(test["event"]):  # the previous event; its size means none
        inputs = {"event": event[None], **states}
        if info["width"]:
            inputs["controls"] = test["controls"][t : t + 1]
        out = dict(zip(outputs, session.run(None, inputs), strict=True))
        states = {name: out[name.replace("state", "next")] for name in states}
        for k, field in enumerate(info["fields"]):
            name = f"logits.{field['name']}"
            if chained:  # logits given the k fields that are already chosen
                chosen = [[*test["chosen"][t, :k], *(f["size"] for f in info["fields"][k:])]]
                [out[name]] = head.run(
                    [name], {"hidden": out["hidden"], "chosen": np.array(chosen, np.int32)}
                )
            worst = max(worst, float(np.abs(out[name][0] - test[name][t]).max()))
    print(f"{len(test['event'])} steps, the logits differ by at most {worst:.2g}")
    logits = [test[f"logits.{field['name']}"] for field in info["fields"]]
    largest = max(1.0, *(float(np.abs(array).max()) for array in logits))
    return 0 if worst < tested["tolerance"] * largest or precision != tested["precision"] else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
