"""Katas over again: each time from a fresh stub, against the clock.

`katas` says which there are and which is due, `sheet` cuts the practice file of one, `course` lets
the walk take it for a course of its own. `clock` counts, `log` keeps the times, `variations` are
what to try next. `door` is the walk at a practice file, `page` and `green` are what it shows.
"""
