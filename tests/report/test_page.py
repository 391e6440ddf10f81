"""The page of an evaluation: complete, alone, readable without seeing, and written whole or not at all."""

import base64
import io
import re
from html.parser import HTMLParser

import pytest

from symgen import notes
from symgen.errors import BadOption, DataError
from symgen.evaluation.document import Evaluation
from symgen.report.writers import html, sound
from tests.report.documents import NASTY, document, music, samples, statistics

ALL = [
    "Model and data",
    "Training",
    "Likelihood",
    "Samples",
    "Musical statistics",
    "Originality",
    "Recipe",
]


class Reader(HTMLParser):
    """What a page holds: its tags, in balance, and the text under some of them."""

    void = ("meta", "br", "img", "path", "rect")

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.heads = [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag not in self.void:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "h2":
            self.heads.append(data)

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """The page of the made-up evaluation."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    Evaluation(document(), samples()).write(path)
    return path.read_text(encoding="utf-8")


def test_every_part_has_its_section(text):
    assert Reader(text).heads == ALL
    for said in (
        "The network takes 2.1 nats per event",
        "No sample goes beyond that.",
        "it may have heard the tunes",
        "3 pieces are few",
        "some over-fitting",
        "symgen evaluate runs/perf -o report.html",
        "Notes over seconds.",
    ):
        assert said in text


def test_nothing_is_fetched_and_nothing_runs(text):
    page = Reader(text)
    assert not page.all("script") and not page.all("link") and not page.all("img")
    named = [v for _, attrs in page.tags for k, v in attrs.items() if k in ("href", "src")]
    assert named and all(v.startswith(("data:", "#")) for v in named)
    assert "url(" not in text and "@import" not in text
    assert "default-src 'none'" in text


def test_pictures_are_told_in_words_with_their_numbers_beside_them(text):
    page = Reader(text)
    assert len(page.all("svg")) >= 10
    assert all(
        attrs["role"] == "img" and len(attrs["aria-label"]) > 20 for attrs in page.all("svg")
    )
    assert len(page.all("details")) >= len(page.all("svg"))
    assert all(attrs.get("aria-label") for attrs in page.all("audio"))
    assert page.all("html")[0]["lang"] == "en"
    links = {attrs["href"][1:] for attrs in page.all("a") if attrs["href"].startswith("#")}
    assert links == {attrs["id"] for attrs in page.all("section")}


def test_the_best_the_median_and_the_worst_are_heard(text):
    # by nats: 1.0 (03), 2.0 (01), 2.5 (04), 3.0 (02)
    assert re.findall(r"<h3>(\w+: sample-\d+)</h3>", text) == [
        "Best: sample-03",
        "Median: sample-04",
        "Worst: sample-02",
    ]
    import soundfile

    uris = [attrs["src"] for attrs in Reader(text).all("audio")]
    assert len(uris) == 3
    frames, rate = soundfile.read(io.BytesIO(base64.b64decode(uris[0].partition(",")[2])))
    assert 5 < len(frames) / rate < 9 and abs(frames).max() > 0.5


def test_a_sample_can_be_taken_as_midi(text):
    links = [a["href"] for a in Reader(text).all("a") if a.get("download")]
    made = notes.read_bytes(base64.b64decode(links[0].partition(",")[2]), "sample.mid")[0][1]
    assert made.notes["pitch"].tolist() == music().notes["pitch"].tolist()


def test_names_from_files_stay_text(text):
    assert NASTY not in text
    assert "a &quot;piece&quot; &lt;b&gt;&amp;amp; of 𝄞" in text


@pytest.mark.parametrize(
    "part", ["likelihood", "statistics", "originality", "model", "recipe", "samples", "data"]
)
def test_each_part_may_be_absent(part):
    left = {k: v for k, v in document().items() if k != part}
    Reader(html.render(evaluation_page(left)))


def evaluation_page(left):
    from symgen.report.pages.evaluation import page

    return page(Evaluation(left))


def test_two_folders_are_compared_on_a_page_without_a_model():
    text = html.render(
        evaluation_page(
            {"kind": "evaluation", "version": 1, "symgen": "0", "statistics": statistics()}
        )
    )
    assert "<h1>samples against held-out excerpts</h1>" in text
    assert Reader(text).heads == ["Musical statistics"]


def test_one_set_alone_has_no_columns_for_a_comparison():
    alone = {k: v for k, v in statistics().items() if k != "b"}
    alone["metrics"] = {
        n: {k: v for k, v in m.items() if k not in ("b", "test", "overlap", "kl")}
        for n, m in alone["metrics"].items()
    }
    text = html.render(evaluation_page({"statistics": alone}))
    assert "overlap" not in text and "note density" in text


def test_sound_is_bounded(monkeypatch):
    monkeypatch.setattr(sound, "SECONDS", 2.0)
    made = sound.sound(music())
    assert made.seconds < 5
    assert "too large" in sound.sound(music(), room=10)
    assert sound.sound(music().replace(notes=music().notes[:0])) == "no notes, so no sound"


def test_an_interrupt_leaves_nothing(tmp_path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(html, "sound", stop)
    monkeypatch.setattr("symgen.report.plotting.svg.standalone", stop)
    for target in ("report.html", "figures"):
        with pytest.raises(KeyboardInterrupt):
            Evaluation(document(), samples()).write(tmp_path / target)
    assert not list(tmp_path.iterdir())


def test_where_a_report_cannot_go(tmp_path):
    made = Evaluation({"statistics": statistics()})
    with pytest.raises(BadOption, match=r"report\.pdf.*\.html"):
        made.write(tmp_path / "report.pdf")
    made.write(tmp_path / "report.json")
    with pytest.raises(DataError, match="exists"):
        made.write(tmp_path / "report.json")
    made.write(tmp_path / "report.json", force=True)
