"""Corpora: folders, files and archives of music, read piece by piece."""

from __future__ import annotations

from symgen.corpus.corpus import Corpus as Corpus
from symgen.corpus.corpus import Entry as Entry
from symgen.corpus.corpus import open_all as open_all
from symgen.corpus.corpus import open_corpus as open_corpus
from symgen.corpus.piece import Piece as Piece
from symgen.corpus.piece import load as load
from symgen.corpus.piece import pieces as pieces
