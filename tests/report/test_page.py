"""The page of an evaluation: self-contained, accessible, and written whole or not at all."""

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
    "Listen",
    "Likelihood on held-out music",
    "Samples and real music",
    "Copied passages",
    "The model and its data",
    "Training",
    "How to make this again",
]


class Reader(HTMLParser):
    """A page: its tags, which must balance, and the text of its headings."""

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
    """The page of the invented evaluation."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    Evaluation(document(), samples(), music()).write(path)
    return path.read_text(encoding="utf-8")


def test_every_part_has_its_section(text):
    assert Reader(text).heads == ALL
    for message in (
        "it may have been trained on these pieces",
        "3 pieces are few",
        "some overfitting",
        "symgen evaluate runs/perf -o report.html",
        "Notes over seconds.",
    ):
        assert message in text


def test_the_verdict_comes_first_in_plain_words(text):
    lead = text[text.index("<header>") : text.index("</header>")]
    assert re.findall("<dt>(.*?)</dt><dd><b>(.*?)</b>", lead) == [
        ("Is it better than counting n-grams?", "Yes."),
        ("Do its samples differ from real music?", "Unknown."),
        ("Does it copy its training pieces?", "No."),
    ]
    assert "beats the n-gram by 0.300 nats per event (95 %: 0.200 to 0.400): 2.100" in lead
    assert "No sample goes beyond that." in lead
    assert text.index("it may have been trained on these pieces") < text.index("<section")


def test_metrics_are_grouped_by_theme_and_the_most_different_comes_first(text):
    section = text[text.index('id="samples-and-real-music"') : text.index('id="copied-passages"')]
    shown, hidden = section.split("Metrics without a difference to show")
    assert re.findall("<h3>(.*?)</h3>", shown) == ["Rhythm", "Pitch"]
    tables = re.findall(r"<caption>Medians of the pieces</caption>.*?</table>", shown)
    assert re.findall(r"<tr><td>(.*?)</td>", "".join(tables)) == [
        "Note density (notes per second)",
        "Note length (seconds)",
        "Pitch class histogram",
        "Pitch class transitions",
    ]
    assert "velocity_mean (80)" in hidden and "undefined: groove" in hidden
    assert "<td>Velocity mean</td>" in hidden  # in the table of all metrics
    folded = shown[shown.index("1 more figures") :]
    assert 'data-name="metric-note_length"' in folded


def test_nothing_is_fetched_and_nothing_runs(text):
    page = Reader(text)
    assert not page.all("script") and not page.all("link") and not page.all("img")
    named = [v for _, attrs in page.tags for k, v in attrs.items() if k in ("href", "src")]
    assert named and all(v.startswith(("data:", "#")) for v in named)
    assert "url(" not in text and "@import" not in text
    assert "default-src 'none'" in text


def test_pictures_have_descriptions_and_their_numbers(text):
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


def test_the_best_median_and_worst_sample_and_real_music_can_be_played(text):
    # by nats: 1.0 (03), 2.0 (01), 2.5 (04), 3.0 (02)
    players = text[text.index('<div class="players">') : text.index("All 4 samples")]
    assert re.findall(r"<h3>(.*?)</h3>", players) == [
        "Best: sample-03",
        "Median: sample-04",
        "Worst: sample-02",
        "Real music",
    ]
    assert "a real piece at 2.0 s, 12 notes" in players
    import soundfile

    uris = [attrs["src"] for attrs in Reader(text).all("audio")]
    assert len(uris) == 4
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
    assert "<h1>samples compared with held-out excerpts</h1>" in text
    assert Reader(text).heads == ["Musical statistics"]


def test_one_set_alone_has_no_columns_for_a_comparison():
    alone = {k: v for k, v in statistics().items() if k != "b"}
    alone["metrics"] = {
        n: {k: v for k, v in m.items() if k not in ("b", "test", "overlap", "kl")}
        for n, m in alone["metrics"].items()
    }
    text = html.render(evaluation_page({"statistics": alone}))
    assert "overlap" not in text.lower() and "Note density" in text
    assert "<h1>Musical statistics of samples</h1>" in text


def test_sound_is_bounded(monkeypatch):
    monkeypatch.setattr(sound, "SECONDS", 2.0)
    made = sound.sound(music())
    assert made.seconds < 5
    assert "too large" in sound.sound(music(), room=10)
    assert sound.sound(music().replace(notes=music().notes[:0])) == "no notes, so no audio"


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
