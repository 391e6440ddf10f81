"""Bundles: written and read back, damaged, of other formats, and played with onnxruntime only."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from symgen.bundle.bundle import Bundle
from symgen.bundle.write import slim, write
from symgen.errors import DataError
from symgen.files import sha256
from symgen.runtime.check import check_player

ROOT = Path(__file__).parents[2]


def rewritten(source, target, **members):
    """A copy with some members replaced."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, members.get(name.replace(".", "_"), old.read(name)))
    return target


def test_what_was_written_is_read(tiny_bundle):
    opened = Bundle.open(tiny_bundle)
    assert opened.name == "tiny"
    assert opened.encoding.name == "performance"
    assert opened.sizes.fields == (("event", 388),)
    assert opened.weights()["layer.1.recurrent_kernel"].shape == (24, 96)
    assert opened.test_vector()["logits.event"].shape == (64, 388)


def test_the_step_graph_reproduces_the_test_vector(tiny_bundle):
    opened = Bundle.open(tiny_bundle)
    check_player(opened.open_player(), opened.test_vector(), ["event"])
    wrong = {**opened.test_vector()}
    wrong["logits.event"] = wrong["logits.event"] + np.float32(0.1)
    with pytest.raises(DataError, match=r"differs from the network.*lower training\.learning_rate"):
        check_player(opened.open_player(), wrong, ["event"])


def test_the_head_of_a_chained_bundle_is_held_to_the_test_vector_too(chained_bundle):
    opened = Bundle.open(chained_bundle)
    player, test = opened.open_player(), opened.test_vector()
    assert opened.chained and opened.info["player"]["chained"] is True
    check_player(player, test, ["melody", "chord"])
    for spoiled in ("chosen", "controls", "logits.chord"):
        wrong = {**test, spoiled: np.roll(test[spoiled], 1, axis=0)}
        with pytest.raises(DataError, match="differs from the network"):
            check_player(player, wrong, ["melody", "chord"])


def test_controls_are_kept(chained_bundle, tiny_bundle):
    opened = Bundle.open(chained_bundle)
    assert [c.name for c in opened.controls] == ["meter"]
    assert (
        opened.width
        == opened.sizes.width
        == opened.controls[0].width(opened.encoding)
        == opened.test_vector()["controls"].shape[1]
    )
    assert Bundle.open(tiny_bundle).controls == ()


def test_a_bundle_from_before_chained_heads_and_controls_still_opens(tiny_bundle, tmp_path):
    """Its model has no head, and its test vector says nothing of what was chosen."""
    old = Bundle.open(
        altered(
            tiny_bundle,
            tmp_path / "old.symgen",
            model={"name": "lstm", "layers": [{"units": 24}] * 2, "dropout": 0.0},
        )
    )
    assert (
        old.model == Bundle.open(tiny_bundle).model
        and not old.chained
        and "chosen" not in old.test_vector()
    )
    check_player(old.open_player(), old.test_vector(), ["event"])


@pytest.mark.parametrize("kind", ["tiny_bundle", "chained_bundle"])
def test_the_example_player_agrees(kind, request):
    command = [
        sys.executable,
        str(ROOT / "examples" / "player.py"),
        str(request.getfixturevalue(kind)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("64 steps")


def test_the_example_player_tells_a_wrong_answer(chained_bundle, tmp_path):
    path = rewritten(
        chained_bundle, tmp_path / "x.symgen", head_onnx=wrong_head(Bundle.open(chained_bundle))
    )
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "player.py"), str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr


def wrong_head(opened):
    weights = opened.weights()
    return opened.model.head_graph(
        opened.sizes, {**weights, "head.chord.bias": weights["head.chord.bias"] + 1}
    )


def test_the_bytes_depend_on_the_contents_alone(tiny_bundle, tmp_path):
    opened = Bundle.open(tiny_bundle)
    again = write(
        tmp_path / "again.symgen",
        name="tiny",
        encoding=opened.encoding,
        model=opened.model,
        weights=opened.weights(),
        test=opened.test_vector(),
        corpora=opened.info["corpora"],
        training=opened.info["training"],
    )
    assert sha256(again) == sha256(tiny_bundle)


def test_a_slim_bundle_plays_but_does_not_train(tiny_bundle, tmp_path):
    slimmed = Bundle.open(slim(Bundle.open(tiny_bundle), tmp_path / "slim.symgen"))
    assert slimmed.graph() == Bundle.open(tiny_bundle).graph()
    with pytest.raises(DataError, match="slimmed"):
        slimmed.weights()


def test_a_newer_format_is_refused(tiny_bundle, tmp_path):
    info = dict(Bundle.open(tiny_bundle).info) | {"format": 99}
    with pytest.raises(DataError, match=r"format 99.*upgrade"):
        Bundle.open(rewritten(tiny_bundle, tmp_path / "new.symgen", bundle_json=json.dumps(info)))


def test_damage_is_named(tiny_bundle, tmp_path):
    bad = Bundle.open(rewritten(tiny_bundle, tmp_path / "bad.symgen", step_onnx=b"nonsense"))
    with pytest.raises(DataError, match=r"step\.onnx is damaged"):
        bad.graph()


@pytest.mark.parametrize("data", [b"", b"PK nonsense", None])
def test_what_is_no_bundle_is_refused_in_one_line(tmp_path, data):
    path = tmp_path / "x.symgen"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(DataError) as error:
        Bundle.open(path)
    assert "\n" not in str(error.value)
    assert "x.symgen" in str(error.value)


def altered(source, target, **changes):
    return rewritten(
        source, target, bundle_json=json.dumps({**Bundle.open(source).info, **changes})
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"name": None},
        {"name": "../../evil"},
        {"name": "..\\evil"},
        {"training": 3},
        {"checksums": []},
    ],
)
def test_a_bundle_that_lacks_something_is_refused(tiny_bundle, tmp_path, changes):
    with pytest.raises(DataError, match=next(iter(changes))):
        Bundle.open(altered(tiny_bundle, tmp_path / "x.symgen", **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"encoding": {"name": "new"}},
        {"model": {"name": "lstm", "depth": 3}},
        {"controls": [{"name": "mood"}]},
    ],
)
def test_what_a_newer_symgen_made_is_bad_data_and_no_bad_option(tiny_bundle, tmp_path, changes):
    key = next(iter(changes))
    with pytest.raises(DataError, match=f"its {key} (is|are) not one"):
        getattr(Bundle.open(altered(tiny_bundle, tmp_path / "x.symgen", **changes)), key)


@pytest.mark.parametrize(
    ("offset", "value"), [(8, 1), (10, 99)], ids=["encrypted", "packed in an unknown way"]
)
def test_a_zip_that_cannot_be_unpacked_is_refused(tiny_bundle, tmp_path, offset, value):
    data = bytearray(tiny_bundle.read_bytes())
    data[data.rfind(b"bundle.json") - 46 + offset] = value  # its entry in the directory at the end
    (tmp_path / "x.symgen").write_bytes(data)
    with pytest.raises(DataError, match=r"x\.symgen: not a symgen bundle"):
        Bundle.open(tmp_path / "x.symgen")


def test_the_folder_of_a_run_stands_for_its_best_bundle(tiny_bundle, tmp_path):
    (tmp_path / "best.symgen").write_bytes(tiny_bundle.read_bytes())
    opened = Bundle.open(tmp_path)
    assert opened.path == tmp_path / "best.symgen"
    assert len(repr(opened)) < 300
    with pytest.raises(DataError, match=r"holds no best\.symgen"):
        Bundle.open(tmp_path.parent)
