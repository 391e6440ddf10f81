"""ABC: repeats, parts, ties and headers that multiply."""

from tests.hostile.cases import EITHER, READ, REFUSED, file, hostile

HEAD = "X:1\nM:4/4\nL:1/8\nK:C\n"


@hostile("abc", EITHER, "limit")
def a_book_of_small_tunes_that_each_play_long(folder):
    tune = "X:{}\nP:" + "(A9)9" * 5 + "\nK:C\nP:A\n" + "|:" * 3 + "CDEF:|\n\n"
    return file(folder, "x.abc", "".join(tune.format(i) for i in range(220)))


@hostile("abc", EITHER)
def parts_in_brackets_played_nine_times_each(folder):
    order = "(" * 40 + "A9" + ")9" * 40
    return file(folder, "x.abc", f"X:1\nP:{order}\nK:C\nP:A\nCDEF|\n")


@hostile("abc", EITHER)
def a_chord_of_many_notes_and_many_ties(folder):
    return file(folder, "x.abc", f"{HEAD}[{'C' * 20_000}]{'-' * 20_000}[{'C' * 20_000}]|\n")


@hostile("abc", EITHER)
def one_note_with_many_broken_rhythms(folder):
    return file(folder, "x.abc", f"{HEAD}C{'>' * 1_000_000}D|\n")


@hostile("abc", EITHER)
def a_tune_without_its_key_and_many_empty_lines(folder):
    return file(folder, "x.abc", "X:1\nT:x\n" + "\n" * 400_000 + "CDEF|\n")


@hostile("abc", EITHER)
def one_line_of_a_megabyte(folder):
    return file(folder, "x.abc", HEAD + "CDEF GABc|" * 120_000 + "\n")


@hostile("abc", REFUSED, "pieces, over the limit")
def twenty_thousand_tunes(folder):
    return file(folder, "x.abc", "".join(f"X:{i}\nK:C\nCDEF|\n\n" for i in range(20_000)))


@hostile("abc", EITHER)
def forty_nested_repeats(folder):
    return file(folder, "x.abc", HEAD + "|:C" * 40 + "D:|" * 40 + "\n")


@hostile("abc", EITHER)
def a_hundred_thousand_endings(folder):
    return file(folder, "x.abc", HEAD + "|:C" + "|1,2,3,4-9 D:|" * 60_000 + "\n")


@hostile("abc", EITHER)
def open_brackets_and_colons(folder):
    return file(folder, "x.abc", HEAD + "[" * 300_000 + ":" * 300_000 + "{" * 300_000 + "\n")


@hostile("abc", READ)
def a_title_that_forges_a_line(folder):
    title = "one&#10;symgen: forged&#x1b;[2J\x1b[31m"
    return file(folder, "x.abc", f"X:1\nT:{title}\nK:C\nCDEF|GABc|\n")


@hostile("abc", EITHER)
def rests_of_a_thousand_million_bars(folder):
    return file(folder, "x.abc", f"{HEAD}CDEF|Z999999999|Z{'9' * 5000}|C999999999999|GABc|\n")


@hostile("abc", EITHER)
def tuplets_and_lengths_beyond_reason(folder):
    music = "(9:99999999:99999999CDE " + "C" + "/" * 5000 + f" D{'9' * 5000}/{'9' * 5000} E1/0|"
    return file(
        folder, "x.abc", f"X:1\nM:99999999/99999999\nL:1/{'9' * 4000}\nQ:1/4=0\nK:C\n{music}\n"
    )


@hostile("abc", EITHER)
def voices_by_the_thousand(folder):
    voices = "".join(f"V:{i}\nCDEF|\n" for i in range(20_000))
    return file(folder, "x.abc", HEAD + voices)


@hostile("abc", EITHER)
def a_hundred_thousand_lines_of_words_and_symbols(folder):
    return file(folder, "x.abc", HEAD + "CDEF|\n" + "w:a b c d\ns:* * !p!\n" * 60_000)
