"""`symgen convert`: names that a dataset cannot have."""

import pytest


@pytest.mark.parametrize("name", ["x.mid", "x.abc", "out/x.MusicXML"])
def test_an_output_named_like_a_music_file_is_refused(symgen, tmp_path, name):
    code, out, err = symgen("convert", "my-music", "-o", name)
    assert (code, out) == (2, "")
    assert f"--output {name} names a music file, but a dataset is a folder" in err
    assert f"symgen notate INPUT -o {name}" in err and len(err.splitlines()) == 1
    assert not list(tmp_path.iterdir())
