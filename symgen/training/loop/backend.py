"""Set up Keras: threads, seed, precision, the trainable model with its optimizer, the scorer."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import os
from typing import Any

from symgen.errors import BadOption, MissingExtra, shorten
from symgen.models import Neural, Sizes
from symgen.process import cores, hushed, light_imports
from symgen.training.loop import processor
from symgen.training.options import Training

OTHER_BACKENDS = ("jax", "torch")
"""Backends of Keras that no extra of symgen installs."""

CANNOT_TRAIN = ("numpy", "openvino")


def load_keras() -> Any:
    """Import Keras on the backend that KERAS_BACKEND names, or TensorFlow, without its messages."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # The allocator of the C library leaves gaps, and took 1.3 times as long.
    os.environ.setdefault("TF_CPU_ALLOCATOR_USE_BFC", "1")
    try:
        with hushed(), light_imports():
            import keras
    except ModuleNotFoundError as error:  # other errors of a package say enough themselves
        package = (error.name or "keras").split(".")[0]
        if package in OTHER_BACKENDS:
            raise BadOption(_no_backend(package)) from None
        if os.environ.get("KERAS_BACKEND", "") in CANNOT_TRAIN:
            raise BadOption(_no_backend(os.environ["KERAS_BACKEND"])) from None
        raise MissingExtra(package, "train", "training") from None
    except Exception as error:  # Keras checks little of its config, and raises what comes
        if isinstance(error, ValueError) and "backend" in str(error):
            raise BadOption(_no_backend(os.environ.get("KERAS_BACKEND", ""))) from None
        place = os.path.join(os.environ.get("KERAS_HOME") or "~/.keras", "keras.json")
        raise BadOption(
            f"Keras cannot be loaded: {shorten(error, 200)}; mend or delete {shorten(place)}"
        ) from None
    if keras.backend.backend() in CANNOT_TRAIN:
        raise BadOption(_no_backend(keras.backend.backend()))
    return keras


def _no_backend(name: str) -> str:
    """Return a message that Keras's backend `name` cannot be imported, and what to do."""
    place = "KERAS_BACKEND" if os.environ.get("KERAS_BACKEND") else "~/.keras/keras.json"
    if name in CANNOT_TRAIN:
        return f"{place} names the backend {name!r}, which cannot train; use 'tensorflow'"
    if name not in OTHER_BACKENDS:
        return f"{place} names {name!r}, which is no backend of Keras; use 'tensorflow'"
    return (
        f"{place} names the backend {name!r}, which is not installed: "
        f"pip install {name}, or use 'tensorflow'"
    )


LARGE = 256  # units from which lstm layers are faster in bfloat16


def settled(options: Training, model: Neural) -> Training:
    """Return `options` with "auto" replaced by a precision."""
    return dataclasses.replace(options, precision=precision(options, model)[0])


def precision(options: Training, model: Neural) -> tuple[str, str]:
    """Return the precision to train `model` in, and why; processor and layers decide "auto"."""
    if options.precision != "auto":
        return options.precision, "as the config says"
    _use_threads(load_keras(), options)  # TensorFlow takes them only before its first operation
    from symgen.models.recurrent.network import uses_fast_lstm

    layers = getattr(model, "layers", ())
    if not layers or any(layer["cell"] != "lstm" or layer["units"] < LARGE for layer in layers):
        return (
            "float32",
            f"bfloat16 is only faster where all layers are lstm with at least {LARGE} units",
        )
    if not uses_fast_lstm():
        return "float32", "the default on an accelerator, or a backend other than TensorFlow"
    if name := processor.bfloat16_instruction():
        return "bfloat16", f"the processor has {name}"
    return "float32", "the processor has no instructions for bfloat16"


def build(model: Neural, sizes: Sizes, options: Training) -> tuple[Any, Any, Any]:
    """Return the trainable model, the scorer, and the float32 network that is exported.

    With precision "float32" that network is the one that is trained.
    """
    keras = load_keras()
    lanes, spans = _use_threads(keras, options)
    options = settled(options, model)
    keras.utils.set_random_seed(options.seed % 2**32)  # Keras takes no larger ones
    from symgen.models.learner import Scorer, TrainableModel

    network = model.network(sizes, options.precision)
    reference = network if options.precision == "float32" else model.network(sizes)
    network.lanes = reference.lanes = lanes
    stacked = ("lstm", "lstm") in itertools.pairwise(network.kinds)
    network.spans = reference.spans = spans if stacked else 1
    learner = TrainableModel(network, options.batch, model.state_specs())
    scorer = Scorer(reference)
    compiled = keras.backend.backend() == "jax"
    learner.compile(optimizer=_optimizer(keras, options), jit_compile=compiled)
    learner.optimizer.build(learner.trainable_variables)
    scorer.compile(jit_compile=compiled)
    return learner, scorer, reference


def _optimizer(keras: Any, options: Training) -> Any:
    kinds = {
        "adam": keras.optimizers.Adam,
        "adamw": keras.optimizers.AdamW,
        "rmsprop": keras.optimizers.RMSprop,
    }
    extra = {"weight_decay": options.weight_decay} if options.optimizer == "adamw" else {}
    return kinds[options.optimizer](
        options.learning_rate, global_clipnorm=options.clip or None, **extra
    )


def _use_threads(keras: Any, options: Training) -> tuple[int, int]:
    """Set the threads of TensorFlow; return the lanes and spans of a batch (see `Network`).

    One core per lane is faster than cores that share each operation, because operations are small.
    Where lanes would have too few rows, one core per layer is faster: two cores train 16 rows 1.5
    times as fast as one, where by sharing operations they had 3/4 of its speed. The layers of Keras
    itself, as on an accelerator, are left to TensorFlow; only the number of threads is set.
    """
    if keras.backend.backend() != "tensorflow":
        return 1, 1
    import tensorflow as tf

    from symgen.models.recurrent.network import MIN_ROWS, MIN_STEPS, SPANS, uses_fast_lstm

    threads = options.threads or cores()
    own = uses_fast_lstm()
    divides = options.batch % threads == 0 and options.batch // threads >= MIN_ROWS
    lanes = threads if own and divides else 1
    few = own and options.batch < 2 * MIN_ROWS
    if options.threads or lanes > 1 or few:
        with contextlib.suppress(RuntimeError):  # TensorFlow has been used already
            tf.config.threading.set_intra_op_parallelism_threads(1 if lanes > 1 or few else threads)
            tf.config.threading.set_inter_op_parallelism_threads(threads)
    return lanes, SPANS if few and threads > 1 and options.length >= 2 * MIN_STEPS else 1


def device(network: Any = None) -> str:
    """Return what the backend computes on, in a few words, and how it computes `network`."""
    keras = load_keras()
    name = keras.backend.backend()
    found = []
    if name != "torch":
        devices = keras.distribution.list_devices()
        found = [device for device in devices if not device.lower().startswith("cpu")]
    on = ", ".join(found) or f"the processor: {name} finds no accelerator"
    where = f"Keras {keras.__version__} on {name}, {on}"
    if network is None:
        return where
    from symgen.models.recurrent.network import uses_fast_lstm

    own = ", with symgen's own lstm layers" if uses_fast_lstm() and "lstm" in network.kinds else ""
    parts = f", {network.lanes} parts of a batch side by side" if network.lanes > 1 else ""
    layers = ", layers side by side" if network.spans > 1 else ""
    return f"{where}; {network.compute_type}{own}{parts}{layers}"
