"""The server of `symgen serve`: music without an end for listeners, each with a page or a program.

A listener has a session (`live`): a stream of notes, their sound, and what was heard of it. The
server (`app`) answers the requests in one table (`routes`); what a route does is in `answers`.
The page is in `static`. Everything of Starlette and uvicorn stays in this room.
"""
