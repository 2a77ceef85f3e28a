"""How long a learner waits, measured on copies of the course: from the save to what can be read.

The walk runs in a terminal of its own and is read as a person reads it, frame by frame. What it is
compared with is measured in the same run, in turns.
"""


class BenchError(Exception):
    """Why nothing can be measured, in one sentence: where, what, what next."""
