"""`symgen serve`: music without an end on a page in the browser."""

from __future__ import annotations

from symgen.cli.arguments import FILE, MODEL, MUSIC
from symgen.cli.command import command, option, section
from symgen.cli.common import Out, common
from symgen.cli.options.shared import whole_option

PORT = 8765


@command(
    examples=(
        "symgen serve",
        "symgen serve --model folk --port 9000",
        "symgen serve --host 0.0.0.0         # for the phones in the house",
    )
)
@section(
    "Music",
    option(
        "--model",
        "models",
        metavar="MODEL",
        type=MODEL,
        multiple=True,
        show_default="piano and folk",
        help="A model that listeners may choose; give it again for more.",
    ),
    option(
        "--soundfont",
        metavar="FILE.sf2",
        type=FILE,
        show_default="the one that is installed",
        help="SoundFont 2 file to play with.",
    ),
    option(
        "--real",
        metavar="SOURCE",
        type=MUSIC,
        show_default="held-out music of a model, where its dataset is here",
        help="Music by people for the blind test of the page: a folder, an archive or a corpus.",
    ),
)
@section(
    "Server",
    option(
        "--host",
        metavar="ADDRESS",
        default="127.0.0.1",
        show_default=True,
        help="Address to listen on. Any other than this computer's own gets a token.",
    ),
    whole_option("--port", least=0, default=PORT, help="Port to listen on; 0 takes a free one."),
    whole_option("--most", least=1, default=8, help="Listeners at once; others are asked to wait."),
    option("--open", "show", is_flag=True, help="Open the page in the browser."),
)
@common
def serve(
    out: Out,
    models: tuple[str, ...],
    soundfont: str | None,
    real: str | None,
    host: str,
    port: int,
    most: int,
    show: bool,
) -> None:
    """Open a page in the browser that plays music without an end.

    It steers, shows, keeps and saves what is heard. Nothing leaves this computer. Ctrl-C stops.
    This needs the extra serve: pip install 'symgen[serve]'.
    """
    from symgen.serve.run import Place, run

    run(models or ("piano", "folk"), soundfont or "", Place(host, port, show, real), most, out.log)
