import unicodedata

import pytest

from symgen.corpus import open_corpus
from symgen.errors import DataError


def entries(root):
    return {e.id: e for e in open_corpus(root).entries()}


def test_a_group_column_wins_over_composer_and_title(lay):
    found = entries(
        lay(
            {
                "a.mid": 1,
                "b.mid": 1,
                "metadata.csv": "file,composer,title,group\na.mid,B,Air,g1\nb.mid,B,Air,G2 \n",
            }
        )
    )
    assert (found["a.mid"].group, found["b.mid"].group) == ("g1", "g2")
    assert found["a.mid"].label == {"composer": "B", "title": "Air"}


def test_composer_and_title_make_a_group_however_they_are_spelt(lay):
    table = (
        "filename,composer,title\na.mid,BACH,Air \nb.mid,Bach,  air\n"
        "c.mid,Händel,air\nd.mid,Bach,\n"
    )
    found = entries(lay({f"{n}.mid": 1 for n in "abcd"} | {"metadata.csv": table}))
    assert found["a.mid"].group == found["b.mid"].group == "bach: air"
    assert found["c.mid"].group == "händel: air"
    assert found["d.mid"].group == "d.mid"  # no title: the file stands alone


def test_without_a_table_each_file_is_its_own_group(lay):
    assert [e.group for e in entries(lay({"x/a.mid": 1, "b.mid": 1})).values()] == [
        "b.mid",
        "x/a.mid",
    ]


def test_the_manifest_names_the_columns(lay):
    root = lay(
        {
            "a.mid": 1,
            "t.csv": "where,work,half,mood,n\na.mid,W,validation,calm,1\n",
            "corpus.toml": 'metadata = "t.csv"\nfile = "where"\ngroup = "work"\n'
            'split = "half"\nlabels = ["mood", "n"]\n',
        }
    )
    [entry] = open_corpus(root).entries()
    assert (entry.group, entry.split, entry.label) == ("w", "eval", {"mood": "calm", "n": "1"})


def test_only_a_column_called_split_is_official(lay):
    table = (
        "file,split,maestro_split\na.mid,train,test\nb.mid,Validation,test\n"
        "c.mid,test,train\nd.mid,,train\n"
    )
    found = entries(lay({f"{n}.mid": 1 for n in "abcd"} | {"metadata.csv": table}))
    assert [found[f"{n}.mid"].split for n in "abcd"] == ["train", "eval", "test", None]


def test_rows_without_a_file_and_files_without_a_row_are_counted_and_said(lay):
    corpus = open_corpus(
        lay({"a.mid": 1, "b.mid": 1, "metadata.csv": "file,title\na.mid,A\nx.mid,X\ny.mid,Y\n"})
    )
    assert corpus.missing == 2
    assert corpus.note == (
        "2 of the 3 files that metadata.csv lists are not here; "
        "1 of 2 files are in no table: each is a group of its own"
    )


def test_each_table_speaks_for_its_own_folder(lay):
    found = entries(
        lay(
            {
                "x/a.mid": 1,
                "y/a.mid": 1,
                "x/metadata.csv": "file,title\na.mid,Air\n",
                "y/metadata.csv": "file,title\n./a.mid,Aria\n",
            }
        )
    )
    assert [e.group for e in found.values()] == ["air", "aria"]


def test_paths_match_whatever_the_slashes_and_the_accents(lay):
    composed, decomposed = (unicodedata.normalize(form, "é.mid") for form in ("NFC", "NFD"))
    found = entries(lay({f"x/{decomposed}": 1, "metadata.csv": f"file,title\nx\\{composed},Air\n"}))
    assert [e.group for e in found.values()] == ["air"]


@pytest.mark.parametrize(
    "table",
    [
        "file;title\na.mid;Air\n",
        "file\ttitle\na.mid\tAir\n",
        "\ufefffile,title\r\na.mid,Air\r\n",
        'title,file\n"Air",a.mid\n',
    ],
)
def test_tables_of_spreadsheets_are_read(lay, table):
    assert entries(lay({"a.mid": 1, "metadata.csv": table}))["a.mid"].group == "air"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (b"name,title\na.mid,Air\n", "metadata.csv: no column names the files (looked for file, "),
        (
            b"file,split\na.mid,maybe\n",
            "metadata.csv: line 2: split 'maybe' is not train, validation or test",
        ),
        (b"file,title\na.mid,\xe9\n", "metadata.csv: byte 17 is not UTF-8"),
        (b"", "no column names the files"),
    ],
)
def test_a_table_that_makes_no_sense_is_one_line(lay, table, message):
    with pytest.raises(DataError) as caught:
        open_corpus(lay({"a.mid": 1, "metadata.csv": table}))
    assert message in str(caught.value)


def test_a_column_that_the_manifest_names_must_be_there(lay):
    root = lay(
        {"a.mid": 1, "metadata.csv": "file,title\na.mid,Air\n", "corpus.toml": 'group = "work"'}
    )
    with pytest.raises(
        DataError, match=r"no column 'work', which corpus.toml names; it has file, title"
    ):
        open_corpus(root)


MAESTRO = """canonical_composer,canonical_title,split,year,midi_filename,audio_filename,duration
Alban Berg,Sonata Op. 1,train,2018,2018/a.midi,2018/a.wav,1.0
Alban Berg,Sonata Op. 1,validation,2008,2008/b.midi,2008/b.wav,1.0
"""


def test_maestro_is_recognised_by_its_table_wherever_it_lies(lay):
    corpus = open_corpus(
        lay(
            {
                "maestro-v2.0.0/2018/a.midi": 1,
                "maestro-v2.0.0/2008/b.midi": 1,
                "maestro-v2.0.0/maestro-v2.0.0.csv": MAESTRO,
            }
        )
    )
    found = list(corpus.entries())
    assert (corpus.name, corpus.licence) == ("maestro", "CC BY-NC-SA 4.0")
    assert {e.split for e in found} == {"train", "eval"}
    assert {e.group for e in found} == {"alban berg: sonata op. 1"}
    assert found[0].label == {"composer": "Alban Berg", "title": "Sonata Op. 1", "year": "2008"}


def test_music_beside_a_copy_of_maestro_does_not_take_its_licence(lay):
    corpus = open_corpus(
        lay(
            {
                "maestro-v2.0.0/2018/a.midi": 1,
                "maestro-v2.0.0/maestro-v2.0.0.csv": MAESTRO,
                "own/b.mid": 1,
            }
        )
    )
    assert (corpus.name, corpus.licence) == ("music", "")
