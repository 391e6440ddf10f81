"""The head that points: what a gate adds, and where; the graphs play the network."""

import dataclasses
from typing import ClassVar

import numpy as np
import pytest

from symgen.bundle.sizes import sizes_of
from symgen.controls import make_all
from symgen.encodings import encoding
from symgen.encodings.notes.encoding import Notes
from symgen.errors import BadOption
from symgen.models import Sizes, model
from symgen.models.base import Moments
from tests.encodings.contract_encodings import Quads
from tests.models.networks import randomized

keras = pytest.importorskip("keras", reason="the extra `train` is not installed")

SCALE, RATE = 1 << 16, 10
FIELDS = (("shift_seconds", 3), ("shift", RATE), ("pitch", 5), ("seconds", 4), ("length", RATE))
SIZES = Sizes(FIELDS, 3, Moments((0, 2), SCALE, (0, 1), (3, 4), RATE))
HIGH, LOW = 3, 4  # the fields of the length


def pointer(**options):
    layers = [{"cell": "lstm", "units": 6}]
    return model({"name": "lstm", "layers": layers, "head": "pointer", **options})


def controls(*steps):
    """The row of two moments, and what is no moment between them."""
    return np.array([[steps[0] / SCALE, 0.7, steps[1] / SCALE]], np.float32)


def logits(member, network, conditions, chosen):
    states = [spec.zeros(1) for spec in member.state_specs()]
    event = np.array([[[0, 0, 0, 0, 0]]], np.int32)
    made, _ = network(event, conditions[:, None], states, np.array([[chosen]], np.int32))
    return [np.asarray(z)[0, 0] for z in made]


def difference(conditions, chosen, gates=(1.0, 100.0)):
    """What `conditions` add to the logits of each field, with gates of a constant size."""
    member = pointer()
    network = randomized(member.network(SIZES))
    for field, gate in network.pointer.gates.items():
        gate.kernel.assign(np.zeros_like(gate.kernel.numpy()))
        gate.bias.assign(np.array(gates) * (10 if field in (1, 4) else 1))
    network.cells[0].cell.kernel.assign(0 * network.cells[0].cell.kernel.numpy())
    none, some = (logits(member, network, c, chosen) for c in (controls(0, 0), conditions))
    return [
        {int(v): round(float(d[v]), 3) for v in np.flatnonzero(d)}
        for d in (b - a for a, b in zip(none, some, strict=True))
    ]


def test_a_shift_is_pointed_at_from_the_event_before():
    found = difference(controls(7, 23), [2, 0, 0, 0, 0])
    assert found[0] == {0: 1.0, 2: 100.0}  # 7 steps are 0 and 7, 23 are 2 and 3
    assert found[1] == {3: 1000.0}  # the coarse value 2 was chosen
    assert found[2] == {}


def test_a_length_counts_from_the_end_of_the_shift():
    found = difference(controls(17, 23), [1, 2, 0, 1, 0])  # the shift is 12
    assert found[HIGH] == {0: 1.0, 1: 100.0}  # 5 steps and 11
    assert found[LOW] == {1: 1000.0}


def test_what_is_over_is_not_pointed_at():
    assert difference(controls(12, 5), [1, 2, 0, 0, 0])[HIGH:] == [{}, {}]


def test_two_moments_at_one_value_add_up():
    assert difference(controls(11, 15), [0, 0, 0, 1, 0])[HIGH] == {1: 101.0}


def test_a_moment_beyond_the_largest_value_adds_nothing():
    assert difference(controls(40, 35), [2, 9, 0, 0, 0])[0] == {}


def random_steps(count=12):
    rng = np.random.default_rng(3)
    events, chosen = (
        np.stack([rng.integers(0, size, (3, count)) for _, size in FIELDS], -1).astype(np.int32)
        for _ in range(2)
    )
    conditions = rng.normal(size=(3, count, 3)).astype(np.float32)
    conditions[..., [0, 2]] = rng.integers(0, 45, (3, count, 2)) / SCALE
    return events, conditions, chosen


@pytest.mark.parametrize(("precision", "atol"), [("float32", 1e-5), ("int8", 0.15)])
def test_the_graphs_play_the_network(precision, atol):
    import onnxruntime

    member = pointer()
    network = randomized(member.network(SIZES))
    events, conditions, chosen = random_steps()
    states = [spec.zeros(3) for spec in member.state_specs()]
    whole, _ = network(events, conditions, states, chosen)
    weights = network.export_weights()
    assert sum(w.size for w in weights.values()) == member.parameters(SIZES)
    step, head = (
        onnxruntime.InferenceSession(graph)
        for graph in (
            member.step_graph(SIZES, weights, precision),
            member.head_graph(SIZES, weights, precision),
        )
    )
    feed = {f"state.{i}": state for i, state in enumerate(states)}
    for t in range(events.shape[1]):
        made = step.run(None, feed | {"event": events[:, t], "controls": conditions[:, t]})
        out = dict(zip([o.name for o in step.get_outputs()], made, strict=True))
        names = [f"logits.{name}" for name, _ in FIELDS]
        played = head.run(names, {"hidden": out["hidden"], "chosen": chosen[:, t]})
        for ours, theirs in zip(played, whole, strict=True):
            np.testing.assert_allclose(ours, np.asarray(theirs)[:, t], atol=atol)
        feed = {n.replace("next", "state"): out[n] for n in out if "next" in n}


def test_the_sizes_of_the_notes_encoding_say_where_the_moments_are():
    made = make_all([{"name": "density"}, {"name": "sounding", "ends": 2}])
    notes = encoding("notes")
    sizes, before = sizes_of(notes, made), made[0].width(notes)
    assert sizes.moments == Moments((before + 1, before + 18), SCALE, (0, 1), (4, 5), 100)
    assert sizes_of(notes, made[:1]).moments is None
    without = encoding("notes", velocity_bins=0, steps_per_second=50)
    assert sizes_of(without, made).moments[2:] == ((0, 1), (3, 4), 50)


def test_fields_that_are_no_coarse_and_fine_pair_have_no_moments():
    made = make_all([{"name": "sounding"}])
    assert sizes_of(Quads(), made).moments is None  # one field of each
    assert sizes_of(Turned(), made).moments is None  # the length comes before the shift


@dataclasses.dataclass(frozen=True)
class Turned(Notes):
    """The fields of a note in the reverse order."""

    name: ClassVar[str] = "turned"

    @property
    def fields(self):
        return super().fields[::-1]

    def table(self, field=0):
        return super().table(5 - field)

    def spans(self, events):
        return Notes().spans(events[:, ::-1])


def test_a_head_without_moments_is_refused():
    with pytest.raises(BadOption, match="needs the control sounding"):
        pointer().network(Sizes(FIELDS, 3))
