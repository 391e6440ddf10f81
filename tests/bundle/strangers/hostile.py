"""Bundles that nobody should play, each made by changing a good one; harmless by themselves.

`BUNDLES` has a function for each, which takes the path of a good bundle and returns the bytes of a
bad one. A change of a graph is signed, so that its checksum is right.
"""

import hashlib
import io
import json
import math
import struct
import zipfile

import numpy as np

STEP, HEAD, TEST = "step.int8.onnx", "head.int8.onnx", "test.npz"
BUNDLES = {}


def bad(make):
    BUNDLES[make.__name__.replace("_", " ")] = make
    return make


def members(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts, how=zipfile.ZIP_DEFLATED):
    """The bytes of a zip with these members, the checksums in bundle.json made right."""
    info = json.loads(parts["bundle.json"])
    if isinstance(info.get("checksums"), dict):
        info["checksums"] |= {
            name: hashlib.sha256(data).hexdigest()
            for name, data in parts.items()
            if name in info["checksums"]
        }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as archive:
        for name, data in (parts | {"bundle.json": json.dumps(info).encode()}).items():
            archive.writestr(name, data)
    return file.getvalue()


def with_info(path, **changes):
    parts = members(path)
    info = json.loads(parts["bundle.json"]) | changes
    return packed(parts | {"bundle.json": json.dumps(info).encode()})


def with_raw_info(path, text):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (members(path) | {"bundle.json": text}).items():
            archive.writestr(name, data)
    return file.getvalue()


def with_graph(path, change, member=STEP):
    """A bundle whose graph `change` has altered: it takes the package onnx and a ModelProto."""
    import onnx

    parts = members(path)
    model = onnx.load_from_string(parts[member])
    change(onnx, model)
    return packed(parts | {member: model.SerializeToString()})


def with_arrays(path, change, member=TEST):
    parts = members(path)
    with np.load(io.BytesIO(parts[member])) as found:
        arrays = dict(found)
    change(arrays)
    file = io.BytesIO()
    np.savez(file, **arrays)
    return packed(parts | {member: file.getvalue()})


# graphs


def wrapped(onnx, model, op, domain="", **attributes):
    """Put a node around the first output of the graph: what was that output is its input."""
    output = model.graph.output[0].name
    for node in model.graph.node:
        node.output[:] = ["inner" if name == output else name for name in node.output]
    node = onnx.helper.make_node(op, ["inner"], [output], domain=domain, **attributes)
    model.graph.node.append(node)


@bad
def an_operator_that_is_not_ours(path):
    return with_graph(path, lambda onnx, model: wrapped(onnx, model, "Identity"))


@bad
def an_operator_of_a_vendor(path):
    def change(onnx, model):
        wrapped(onnx, model, "Gelu", domain="com.microsoft")
        model.opset_import.append(onnx.helper.make_opsetid("com.microsoft", 1))

    return with_graph(path, change)


@bad
def a_vendor_without_its_version(path):
    return with_graph(path, lambda onnx, model: wrapped(onnx, model, "Tanh", domain="x.y"))


@bad
def an_if_with_two_graphs(path):
    def change(onnx, model):
        helper = onnx.helper
        value = helper.make_tensor_value_info("y", 1, [1])
        inner = helper.make_graph(
            [helper.make_node("Constant", [], ["y"], value_float=1.0)], "g", [], [value]
        )
        node = helper.make_node("If", ["inner"], ["x"], then_branch=inner, else_branch=inner)
        model.graph.node.append(node)

    return with_graph(path, change)


@bad
def a_loop(path):
    def change(onnx, model):
        helper = onnx.helper
        condition = helper.make_tensor_value_info("c", 9, [])
        count = helper.make_tensor_value_info("i", 7, [])
        body = helper.make_graph([], "body", [count, condition], [condition])
        model.graph.node.append(helper.make_node("Loop", ["", "c"], [], body=body))

    return with_graph(path, change)


@bad
def a_function_of_its_own(path):
    def change(onnx, model):
        node = onnx.helper.make_node("Tanh", ["x"], ["y"])
        opset = [onnx.helper.make_opsetid("", 17)]
        model.functions.append(onnx.helper.make_function("own", "F", ["x"], ["y"], [node], opset))

    return with_graph(path, change)


def outside(location):
    def change(onnx, model):
        constant = model.graph.initializer[0]
        constant.ClearField("raw_data")
        constant.data_location = onnx.TensorProto.EXTERNAL
        entry = constant.external_data.add()
        entry.key, entry.value = "location", location

    return change


@bad
def a_constant_in_another_file(path):
    return with_graph(path, outside("weights.bin"))


@bad
def a_constant_in_a_file_above(path):
    return with_graph(path, outside("../other/file"), HEAD)


@bad
def a_sparse_constant(path):
    def change(onnx, model):
        sparse = model.graph.sparse_initializer.add()
        sparse.dims.append(10)

    return with_graph(path, change)


@bad
def a_graph_for_training(path):
    return with_graph(path, lambda onnx, model: model.training_info.add())


@bad
def metadata_with_an_escape(path):
    def change(onnx, model):
        entry = model.metadata_props.add()
        entry.key, entry.value = "x", "\x1b[31m"

    return with_graph(path, change)


@bad
def a_tensor_as_an_attribute(path):
    def change(onnx, model):
        tensor = onnx.numpy_helper.from_array(np.zeros(3, np.float32))
        model.graph.node[0].attribute.append(onnx.helper.make_attribute("value", tensor))

    return with_graph(path, change)


@bad
def a_text_as_an_attribute(path):
    return with_graph(
        path,
        lambda onnx, model: model.graph.node[0].attribute.append(
            onnx.helper.make_attribute("mode", "linear")
        ),
    )


@bad
def an_attribute_that_is_not_ours(path):
    def change(onnx, model):
        node = model.graph.node[0]
        node.attribute.append(onnx.helper.make_attribute("transA", 1))

    return with_graph(path, change)


def first_real(onnx, model):
    """The first constant of float32, and its numbers."""
    found = next(c for c in model.graph.initializer if c.data_type == 1)
    return found, onnx.numpy_helper.to_array(found).copy()


def with_number(value):
    def change(onnx, model):
        constant, numbers = first_real(onnx, model)
        numbers.flat[0] = value
        constant.raw_data = numbers.tobytes()

    return change


@bad
def weights_that_are_no_numbers(path):
    return with_graph(path, with_number(np.nan))


@bad
def weights_that_are_infinite(path):
    return with_graph(path, with_number(-np.inf), HEAD)


@bad
def weights_so_large_that_they_overflow(path):
    def change(onnx, model):
        for constant in model.graph.initializer:
            if constant.data_type == 1:
                numbers = onnx.numpy_helper.to_array(constant)
                constant.raw_data = np.full_like(numbers, 3e38).tobytes()

    return with_graph(path, change, HEAD)


@bad
def half_weights_that_are_no_numbers(path):
    def change(onnx, model):
        constant = next(c for c in model.graph.initializer if c.data_type == 10)
        constant.raw_data = b"\0\x7e" + constant.raw_data[2:]

    return with_graph(path, change)


def with_dims(*dims):
    def change(onnx, model):
        model.graph.initializer[0].dims[:] = dims

    return change


@bad
def a_constant_of_a_thousand_million_numbers(path):
    return with_graph(path, with_dims(10**9))


@bad
def a_constant_of_fewer_than_no_numbers(path):
    return with_graph(path, with_dims(-1))


@bad
def a_constant_of_text(path):
    def change(onnx, model):
        model.graph.initializer[0].data_type = onnx.TensorProto.STRING

    return with_graph(path, change)


@bad
def more_numbers_than_its_model_has(path):
    def change(onnx, model):
        count = 150_000 + sum(math.prod(constant.dims) for constant in model.graph.initializer)
        numbers = np.random.default_rng(0).integers(-99, 99, count, np.int8)
        more = onnx.numpy_helper.from_array(numbers, "more")
        model.graph.initializer.append(more)

    return with_graph(path, change)


@bad
def a_state_of_another_width(path):
    def change(onnx, model):
        value = next(v for v in model.graph.input if v.name == "state.0")
        value.type.tensor_type.shape.dim[1].dim_value = 10**9

    return with_graph(path, change)


@bad
def a_state_that_grows(path):
    def change(onnx, model):
        value = next(v for v in model.graph.input if v.name == "state.0")
        value.type.tensor_type.shape.dim[1].dim_param = "seen"

    return with_graph(path, change)


@bad
def an_input_too_many(path):
    def change(onnx, model):
        model.graph.input.append(onnx.helper.make_tensor_value_info("more", 1, ["batch", 3]))

    return with_graph(path, change)


@bad
def an_output_too_few(path):
    def change(onnx, model):
        del model.graph.output[-1]

    return with_graph(path, change, HEAD)


@bad
def an_output_of_another_shape(path):
    def change(onnx, model):
        model.graph.output[0].type.tensor_type.shape.dim[1].dim_value += 1

    return with_graph(path, change)


@bad
def a_node_that_takes_what_nothing_gives(path):
    def change(onnx, model):
        model.graph.node[0].input[0] = "nothing"

    return with_graph(path, change)


@bad
def nodes_in_a_ring(path):
    def change(onnx, model):
        model.graph.node.append(onnx.helper.make_node("Tanh", ["b"], ["a"]))
        model.graph.node.append(onnx.helper.make_node("Tanh", ["a"], ["b"]))

    return with_graph(path, change)


@bad
def too_many_nodes(path):
    def change(onnx, model):
        for i in range(2500):
            model.graph.node.append(onnx.helper.make_node("Tanh", ["event"], [f"more.{i}"]))

    return with_graph(path, change)


@bad
def values_that_grow_with_each_node(path):
    def change(onnx, model):
        column = onnx.numpy_helper.from_array(np.ones((4000, 1), np.float32), "column")
        row = onnx.numpy_helper.from_array(np.ones((1, 4000), np.float32), "row")
        model.graph.initializer.extend([column, row])
        model.graph.node.append(onnx.helper.make_node("Add", ["column", "row"], ["square"]))

    return with_graph(path, change)


@bad
def a_name_with_an_escape_and_a_line(path):
    def change(onnx, model):
        model.graph.node[0].output[0] = "x\x1b[31m\nsymgen: written"

    return with_graph(path, change)


@bad
def a_name_of_a_megabyte(path):
    def change(onnx, model):
        model.graph.node[0].output[0] = "x" * 1_000_000

    return with_graph(path, change)


@bad
def two_graphs(path):
    parts = members(path)
    return packed(parts | {STEP: parts[STEP] + b"\x3a\0"})


@bad
def newer_operators(path):
    def change(onnx, model):
        model.opset_import[0].version = 99

    return with_graph(path, change)


@bad
def a_graph_cut_short(path):
    parts = members(path)
    return packed(parts | {STEP: parts[STEP][:-7]})


@bad
def a_graph_of_noise(path):
    return packed(members(path) | {STEP: np.random.default_rng(0).bytes(5000)})


@bad
def an_empty_graph(path):
    return packed(members(path) | {HEAD: b""})


# bundle.json


@bad
def deep_json(path):
    return with_raw_info(path, b'{"format": 2, "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")


@bad
def long_json(path):
    return with_raw_info(path, b'{"format": 2, "x": "' + b"y" * 5_000_000 + b'"}')


@bad
def json_of_many_lists(path):
    return with_raw_info(path, b'{"format": 2, "x": [' + b"[]," * 1_000_000 + b"[]]}")


@bad
def a_number_of_many_digits(path):
    return with_raw_info(path, b'{"format": 2, "width": ' + b"9" * 50_000 + b"}")


@bad
def a_format_of_zero(path):
    return with_info(path, format=0)


@bad
def a_format_below_zero(path):
    return with_info(path, format=-1)


@bad
def a_format_that_is_true(path):
    return with_info(path, format=True)


@bad
def no_name(path):
    return with_info(path, name="")


@bad
def a_name_that_climbs(path):
    return with_info(path, name="..")


@bad
def a_name_with_a_line_feed(path):
    return with_info(path, name="x\nsymgen: written \x1b[2J")


@bad
def a_name_of_five_thousand_letters(path):
    return with_info(path, name="x" * 5000)


@bad
def a_field_of_a_thousand_million_values(path):
    return with_info(path, fields=[{"name": "pitch", "size": 10**9}])


@bad
def fields_that_its_encoding_has_not(path):
    return with_info(path, fields=[{"name": "pitch", "size": 3}])


@bad
def controls_of_a_thousand_million_columns(path):
    return with_info(path, width=10**9)


@bad
def columns_that_no_control_has(path):
    width = json.loads(members(path)["bundle.json"]).get("width", 0)
    return with_info(path, width=width + 3)


@bad
def a_hundred_thousand_layers(path):
    return with_info(path, model={"name": "lstm", "layers": [{"units": 1}] * 100_000})


@bad
def layers_of_a_million_million_weights(path):
    model = {"name": "lstm", "layers": [{"units": 65536}] * 50, "head": "chained"}
    return with_info(path, model=model)


@bad
def layers_that_are_no_tables(path):
    return with_info(path, model={"name": "lstm", "layers": [3, None]})


@bad
def a_cell_that_is_a_list(path):
    return with_info(path, model={"name": "lstm", "layers": [{"cell": ["lstm"], "units": 3}]})


@bad
def a_player_that_is_a_number(path):
    return with_info(path, player=7)


@bad
def a_precision_that_climbs(path):
    return with_info(path, player={"name": "onnx", "chained": True, "precision": "../x"})


@bad
def an_encoding_with_odd_options(path):
    return with_info(path, encoding={"name": "notes", "velocity_bins": {"a": [1]}})


@bad
def checksums_that_are_none(path):
    return with_info(path, checksums={"more.onnx": [1]})


@bad
def a_text_of_a_megabyte(path):
    return with_info(path, corpora=[{"name": "x", "title": "y" * 1_000_000}])


# members


@bad
def a_member_that_unpacks_to_a_gigabyte(path):
    file = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("more.bin", bytes(1000))
    data = bytearray(file.getvalue())
    entry = data.rfind(b"more.bin") - 46  # of the directory: its unpacked size is at 24
    data[entry + 24 : entry + 28] = struct.pack("<L", 1 << 30)
    return bytes(data)


@bad
def a_graph_that_unpacks_to_many_zeros(path):
    return packed(members(path) | {STEP: bytes(100_000_000)})


@bad
def more_members_than_it_needs(path):
    return packed(members(path) | {f"more.{i}": b"" for i in range(5000)})


@bad
def a_directory_that_claims_many_members(path):
    data = bytearray(path.read_bytes())
    data[-12:-10] = data[-14:-12] = b"\xff\xfe"
    return bytes(data)


@bad
def a_member_packed_in_a_way_that_needs_much_memory(path):
    return packed(members(path), zipfile.ZIP_LZMA)


@bad
def a_member_twice(path):
    file = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(file, "a") as archive:
        archive.fp.seek(0, 2)
        entry = zipfile.ZipInfo("stepX.int8.onnx")
        archive.writestr(entry, b"x")
    return file.getvalue().replace(b"stepX.int8.onnx", b"step.int8.onnx\0"[:15])


@bad
def an_encrypted_member(path):
    data = bytearray(path.read_bytes())
    data[data.rfind(TEST.encode()) - 46 + 8] |= 1
    return bytes(data)


@bad
def a_member_whose_bytes_are_damaged(path):
    data = bytearray(path.read_bytes())
    place = data.find(STEP.encode()) + len(STEP) + 40
    data[place : place + 40] = bytes(40)
    return bytes(data)


# arrays


def npz_of(header, name="event"):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        text = header.encode().ljust(118) + b"\n"
        start = b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text
        archive.writestr(f"{name}.npy", start + bytes(64))
    return file.getvalue()


def described(kind, shape):
    return f"{{'descr': {kind!r}, 'fortran_order': False, 'shape': {shape}, }}"


@bad
def an_array_of_a_thousand_million_numbers(path):
    return packed(members(path) | {TEST: npz_of(described("<f4", "(1000000000,)"))})


@bad
def an_array_of_objects(path):
    return packed(members(path) | {TEST: npz_of(described("|O", "(1,)"))})


@bad
def an_array_whose_header_is_a_program(path):
    return packed(members(path) | {TEST: npz_of("__import__('os').getcwd()")})


@bad
def an_array_whose_header_is_nested(path):
    return packed(members(path) | {TEST: npz_of(described("<f4", "(" * 40 + ")" * 40))})


@bad
def a_test_that_it_does_not_pass(path):
    def change(arrays):
        arrays["logits.pitch"] += 1

    return with_arrays(path, change)


@bad
def a_test_that_is_no_number(path):
    def change(arrays):
        arrays["logits.pitch"][3] = np.nan

    return with_arrays(path, change)


@bad
def a_test_of_infinities(path):
    def change(arrays):
        arrays["logits.pitch"][3] = np.inf

    return with_arrays(path, change)


@bad
def a_test_without_steps(path):
    def change(arrays):
        arrays |= {name: array[:0] for name, array in arrays.items()}

    return with_arrays(path, change)


@bad
def a_test_of_values_that_it_has_not(path):
    def change(arrays):
        arrays["event"] += 1 << 20

    return with_arrays(path, change)


@bad
def no_test(path):
    parts = members(path)
    del parts[TEST]
    return packed(parts)
